"""Messages leave the house: no internal address is called, whichever way it is written, and no name twice."""

import asyncio
import re
import socket
from ipaddress import ip_address
from typing import Any

import pytest

from adapters.settings import BadSetting, settings
from adapters.webhooks.guard import Allowed, BadAllowed, Guard, InternalAddress, UnknownHost, public

GUARD = Guard(Allowed())
INTERNAL = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2002:a00:1::1", "64:ff9b:1::1", "3fff::1", "5f00::1"),
    *("::127.0.0.1", "::10.0.0.1", "::a9fe:a9fe", "::ffff:0:127.0.0.1", "::ffff:0:10.0.0.1", "::ffff:0:a9fe:a9fe"),
    *("2001:470:1:2:0:5efe:127.0.0.1", "2001:470:1:2:200:5efe:10.0.0.1", "2001:470:1:2:0:5efe:a9fe:a9fe"),
]
OUTSIDE = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
OUTSIDE += ["::1.1.1.1", "::ffff:0:1.1.1.1", "2001:470:1:2:0:5efe:1.1.1.1", "2001:470:1:2:100:5efe:10.0.0.1"]


@pytest.mark.parametrize("address", INTERNAL)
def test_an_internal_address_is_refused_when_it_is_registered(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert GUARD.fault(f"https://{host}/hook")
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_taken(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert GUARD.fault(f"https://{host}/hook") is None


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "hook",
            "ftp://a.example/",
            "//a.example/",
            "https://",
            "https:///x",
            "https://:443/",
            "HTTPS://a.example",
        ),
        *(
            "https://user@a.example/",
            "https://u:p@a.example/",
            "https://a.example/#x",
            "https://a.example\\@b.example/",
        ),
        *("https://a.example:0/", "https://a.example:99999/", "https://a.example:x/", "https://a.example/ x"),
        *("https://a.example/\r\nx: y", "https://例子.example/", "https://[::1/", f"https://a.example/{'x' * 2_000}"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert "write it as https://" in str(GUARD.fault(url))


def test_without_encryption_only_to_what_is_allowed() -> None:
    assert "https alone" in str(GUARD.fault("http://a.example/"))
    allowed = Guard(Allowed.parse("A.example, 10.1.0.0/16"))
    assert allowed.fault("http://a.example/") is None
    assert allowed.fault("http://10.1.2.3/") is None
    assert allowed.fault("https://10.2.0.1/")
    assert allowed.fault("http://b.example/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_host_that_leads_inside_is_not_called(host: str) -> None:
    with pytest.raises(InternalAddress):
        asyncio.run(GUARD.checked(host, 443))


def test_a_name_without_an_address_is_told() -> None:
    for host in ("nowhere.invalid", "a" * 70 + ".example", "a..example"):
        with pytest.raises(UnknownHost):
            asyncio.run(GUARD.checked(host, 443))


async def _named(guard: Guard, *addresses: str) -> str:
    """What is called for a name that has these addresses."""
    loop = asyncio.get_running_loop()

    async def found(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    loop.getaddrinfo = found  # type: ignore[method-assign]
    return await guard.checked("hooks.example", 443)


def test_one_internal_address_among_several_suffices_to_refuse() -> None:
    assert asyncio.run(_named(GUARD, "1.1.1.1", "93.184.216.34")) == "1.1.1.1"
    for addresses in (("1.1.1.1", "10.0.0.1"), ("::ffff:127.0.0.1",), ()):
        with pytest.raises(InternalAddress):
            asyncio.run(_named(GUARD, *addresses))


def test_exceptions_hold_for_hosts_and_for_networks() -> None:
    assert asyncio.run(_named(Guard(Allowed.parse("hooks.example")), "10.0.0.1")) == "10.0.0.1"
    assert asyncio.run(_named(Guard(Allowed.parse("10.0.0.0/8,fd00::/8")), "10.0.0.1", "fd00::1")) == "10.0.0.1"
    with pytest.raises(InternalAddress):
        asyncio.run(_named(Guard(Allowed.parse("10.0.0.0/8")), "10.0.0.1", "192.168.0.1"))


@pytest.mark.parametrize("text", ["10.0.0.1/8", "a b", "https://a.example", "-", "a_b"])
def test_an_exception_that_cannot_be_meant_is_said(text: str) -> None:
    with pytest.raises(BadAllowed):
        Allowed.parse(text)
    with pytest.raises(BadSetting, match=re.escape(f"REDRESS_WEBHOOK_ALLOWED: {text!r} is neither")):
        settings({"REDRESS_WEBHOOK_ALLOWED": text})


def test_exceptions_are_read_from_the_settings() -> None:
    assert settings({}).webhook_allowed == Allowed()
    assert settings({"REDRESS_WEBHOOK_ALLOWED": "hooks.lan, 10.0.0.0/8"}).webhook_allowed.host("10.9.9.9")
