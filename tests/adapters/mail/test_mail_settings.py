"""How mail is set up: all of it or nothing, and what cannot be meant is said (S-4)."""

import re

import pytest

from adapters.mail.outbox import Post
from adapters.mail.smtp import MailServer
from adapters.settings import BadSetting, settings

RIGHT = {
    "REDRESS_SMTP_URL": "smtp://redress:p%40ss@mail.example.org",
    "REDRESS_MAIL_FROM": "redress@example.org",
    "REDRESS_REPORT_RECIPIENTS": "boss@example.org, head@example.org,",
}


def test_without_settings_nothing_is_sent() -> None:
    assert settings({}).post is None


def test_server_sender_and_recipients_are_read() -> None:
    server = MailServer("mail.example.org", 587, tls=False, user="redress", password="p@ss")  # noqa: S106  no secret
    assert settings(RIGHT).post == Post(server, "redress@example.org", ("boss@example.org", "head@example.org"))
    assert "p@ss" not in repr(settings(RIGHT))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://mail.example.org", MailServer("mail.example.org", 465, tls=True)),
        ("smtp://localhost:2525", MailServer("localhost", 2525, tls=False)),
    ],
)
def test_a_server_is_written_as_an_address(url: str, server: MailServer) -> None:
    assert MailServer.parse(url) == server


@pytest.mark.parametrize(
    ("changed", "saying"),
    [
        ({"REDRESS_SMTP_URL": ""}, "set all three"),
        ({"REDRESS_MAIL_FROM": ""}, "set all three"),
        ({"REDRESS_REPORT_RECIPIENTS": " , "}, "set all three"),
        ({"REDRESS_SMTP_URL": "http://mail"}, "REDRESS_SMTP_URL: write it as"),
        ({"REDRESS_SMTP_URL": "smtp://"}, "REDRESS_SMTP_URL: write it as"),
        ({"REDRESS_SMTP_URL": "smtp://mail:port"}, "REDRESS_SMTP_URL: write it as"),
        ({"REDRESS_MAIL_FROM": "redress"}, "REDRESS_MAIL_FROM has 'redress'"),
        ({"REDRESS_REPORT_RECIPIENTS": "a@b, c"}, "REDRESS_REPORT_RECIPIENTS has 'c'"),
    ],
)
def test_what_cannot_be_meant_is_said(changed: dict[str, str], saying: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(saying)):
        settings({**RIGHT, **changed})
