"""What every page has: its visitor, its language and theme, and how refusals are shown."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path as File
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import URL
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match

from adapters.auth.sessions import COOKIE
from adapters.http.door import check_same_origin
from adapters.http.problems import ApiError
from adapters.web.asking import Api, Refused, api_of
from adapters.web.assets import asset
from adapters.web.faults import fault, place
from adapters.web.languages import ZONE, Language, languages, utc_now
from adapters.web.navigation import sections_for
from adapters.web.numbers import whole
from adapters.web.words import field_of, named
from application.permissions import Action, allowed
from domain.values import Actor

TEMPLATES = File(__file__).parent / "templates"
LANGUAGE, THEME = "redress-language", "redress-theme"
SEEN = "redress-seen"
"""The cookie by which the page after a command waits until the lists show what it did."""
_SEEN_FOR_S = 30
THEMES = ("auto", "light", "dark")
KEYS = "redress-keys"
"""The cookie that switches single-key shortcuts off."""
_SECRET = frozenset({"old", "new", "again"})
"""Fields that hold a password: no page shows them again."""


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page: the actor, their name, and the API as they see it."""

    actor: Actor
    name: str
    api: Api


class Page(APIRoute):
    """A page: whoever must sign in is sent there, and what is refused is told on a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, with its errors shown as pages."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return _remembering(request, await handle(request))
            except SignInNeeded:
                return await to_sign_in(request)
            except Refused as refused:
                return error_page(request, refused.problem)
            except ApiError as error:
                return error_page(request, {"status": error.status, "code": error.code, "detail": str(error)})
            except RequestValidationError:
                return error_page(request, {"status": 404, "code": "not_found", "detail": str(request.url.path)})

        return shown


async def visitor(request: Request) -> Visitor:
    """Whoever the session's cookie stands for. Raises SignInNeeded, ApiError 403 `cross_site`."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise SignInNeeded
    check_same_origin(request)
    actor = await request.app.state.parts.sessions.actor(token)
    if actor is None:
        raise SignInNeeded
    api = api_of(request, actor, _seen(request))
    known = Visitor(actor, (await api.get(f"/agents/{actor.id}"))["name"] or actor.id, api)
    request.state.visitor = known
    return known


def _seen(request: Request) -> int | None:
    return whole(request.cookies.get(SEEN, ""))


def _remembering(request: Request, response: Response) -> Response:
    by: Visitor | None = getattr(request.state, "visitor", None)
    if by and by.api.seen.moved:
        response.set_cookie(SEEN, str(by.api.seen.position), max_age=_SEEN_FOR_S, httponly=True, samesite="lax")
    return response


Signed = Annotated[Visitor, Depends(visitor)]
CaseInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""The id of a case in an address; nothing is found under anything else."""


async def to_sign_in(request: Request) -> Response:
    """To the door, and back here afterwards; but whoever has typed something keeps it, to send it again.

    A fragment leaves its page as it is, and says there what has happened. Raises ApiError 403 `cross_site`.
    """
    if is_fragment(request):
        asked = URL(request.headers.get("hx-current-url", "")) if "hx-current-url" in request.headers else request.url
        return _beside(page(request, "signed_out_part.html", status=401, next=_place(asked)))
    if request.method == "GET":
        return RedirectResponse("/sign-in?next=" + quote(_place(request.url)), 303)
    check_same_origin(request)
    return page(request, "signed_out.html", status=401, typed=await _typed(request), action=_place(request.url))


def is_fragment(request: Request) -> bool:
    """Whether a part of a page asks, not the browser for a page."""
    return "hx-request" in request.headers


def _beside(part: Response) -> Response:
    """The part in the place for what concerns the whole page."""
    part.headers.update({"HX-Retarget": "#said", "HX-Reswap": "innerHTML"})
    return part


def _place(url: URL) -> str:
    return url.path + (f"?{url.query}" if url.query else "")


async def _typed(request: Request) -> list[tuple[str, str]]:
    """The fields of a form as they were sent, without its files; none of a form with a password."""
    async with request.form() as form:
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return fields if _SECRET.isdisjoint(name for name, _ in fields) else []


def language_of(request: Request) -> Language:
    """The one chosen, else the first that the browser asks for, else Chinese."""
    chosen = languages().get(request.cookies.get(LANGUAGE, ""))
    if chosen:
        return chosen
    for asked in request.headers.get("accept-language", "").split(","):
        if language := languages().get(asked.strip()[:2].lower()):
            return language
    return languages()["zh"]


def theme_of(request: Request) -> str:
    """Light, dark, or as the system has it."""
    theme = request.cookies.get(THEME, "auto")
    return theme if theme in THEMES else "auto"


@cache
def environment(short: str) -> Environment:
    """The templates in one language."""
    language = languages()[short]
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    made.filters |= {
        name: getattr(language, name)
        for name in ("word", "time", "clock_time", "day", "weekday", "month", "ago", "left", "money", "number", "share")
    }
    made.filters["typed_time"] = _typed_time
    made.filters["fault"] = partial(fault, language)
    made.filters["named"] = named
    made.globals["elapsed"] = _elapsed
    made.globals["place_of"] = place
    made.globals["field_of"] = field_of
    made.globals |= {"language": language, "languages": languages(), "asset": asset, "now": utc_now}
    return made


def _typed_time(moment: str) -> str:
    """A moment as a field for day and time holds it."""
    try:
        return datetime.fromisoformat(moment).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return moment


def _elapsed(begun: str, due: str) -> int:
    """How much of a term has gone by, in percent."""
    start, whole = datetime.fromisoformat(begun), datetime.fromisoformat(due) - datetime.fromisoformat(begun)
    gone = (utc_now() - start) / whole if whole else 1.0
    return round(100 * min(max(gone, 0.0), 1.0))


def rendered(request: Request, template: str, **context: Any) -> str:
    """A template in the visitor's language; `v` is the visitor, where there is one.

    masters: names by id, by the field in which the id stands; none where a page has no need of them.
    """
    by: Visitor | None = getattr(request.state, "visitor", None)
    chosen = environment(language_of(request).short).get_template(template)
    sections = list(sections_for(by.actor)) if by else []
    whole: dict[str, Any] = {
        "v": by,
        "path": request.url.path,
        "theme": theme_of(request),
        "keys": request.cookies.get(KEYS) != "off",
        "sections": sections,
        "reads_cases": by is not None and allowed(by.actor, Action.READ_CASE),
        "url": request.url,
        "is_demo": bool(request.app.state.demo),
        "masters": {},
    }
    return chosen.render(whole | context)


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page, or a part of one."""
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
    return HTMLResponse(rendered(request, template, **context), status, headers)


def error_page(request: Request, problem: Any) -> Response:
    """What is wrong, by which rule, and the way out; of a fragment, on the page as it is."""
    if is_fragment(request):
        return _beside(page(request, "error_part.html", status=int(problem["status"]), problem=problem))
    case = request.path_params.get("case_id") if request.method == "POST" else None
    return page(request, "error.html", status=int(problem["status"]), problem=problem, case=case)


def back_to(path: str) -> Response:
    """After a command: the page that shows what it did."""
    return RedirectResponse(path, 303)


def safe_path(path: str | None) -> str:
    """A path of ours; the start page for anything that would lead elsewhere."""
    url = URL(path or "/")
    local = not url.netloc and not url.scheme and url.path.startswith("/") and "\\" not in url.path
    return str(url) if local and not url.path.startswith("//") else "/"


def page_at(request: Request, path: str) -> str:
    """A path of ours that can be opened; the start page for where only forms are sent, and for what is elsewhere."""
    here = safe_path(path)
    scope = {**request.scope, "method": "GET", "path": URL(here).path}
    found = any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
    return here if found else "/"
