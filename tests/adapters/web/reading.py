"""Reading a page without a browser, where its HTML alone shows what is to be seen."""

import re
from html import unescape

from adapters.auth.sessions import COOKIE, Way
from domain.values import AgentId
from tests.adapters.http.serving import PEOPLE, Service


def html(service: Service, path: str, who: str = "agent") -> str:
    """A page, in Chinese, as somebody of PEOPLE gets it."""
    token = service.run(service.app.state.parts.sessions.begin(AgentId(PEOPLE[who][0]), Way.DEMO))
    answer = service.get(path, who=None, headers={"cookie": f"{COOKIE}={token}; redress-language=zh"})
    assert answer.status == 200, answer.body
    return str(answer.body)


def words(page: str) -> str:
    """What stands on a page, or on a part of one, without its marks."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


def part(page: str, begin: str, end: str) -> str:
    """What stands on a page from one mark to the next other one."""
    return words(page.partition(begin)[2].partition(end)[0])
