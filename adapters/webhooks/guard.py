"""Where messages may go: out of the house. Names are resolved once, and the address that was checked is called.

GuardError ─┬─ UnknownHost       a name without an address
            └─ InternalAddress   an address of this machine, this network or this data centre
"""

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"https?://[!-~]{1,2000}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_NAT64 = IPv6Network("64:ff9b::/96")
_CARRYING = (_NAT64, IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
"""Whose addresses end in one of version 4: translated by NAT64, of old (IPv4-compatible), translated by SIIT."""
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""What stands, in any network, before the address of version 4 to which the host itself makes a tunnel."""
_INTERNAL = tuple(
    ip_network(text) for text in ("192.0.0.0/24", "168.63.129.16/32", "64:ff9b:1::/48", "5f00::/16", "3fff::/20")
)
"""What Python 3.11 takes for public: protocol assignments, a cloud's own services, networks reserved since."""


class GuardError(Exception):
    """Nothing is sent there; `str()` of it is what the delivery log says."""


class UnknownHost(GuardError):
    """The name has no address."""


class InternalAddress(GuardError):
    """The address is of this machine, of the network around it, or of its data centre."""


class BadAllowed(ValueError):
    """An exception that is neither a host nor a network."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The exceptions: hosts by name, and networks, to which messages may go nonetheless, without TLS too."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Allowed":
        """Exceptions written `hooks.internal, 10.1.0.0/16`. Raises BadAllowed."""
        hosts, networks = set[str](), list[IPv4Network | IPv6Network]()
        for word in filter(None, (one.strip().lower() for one in text.split(","))):
            try:
                networks.append(ip_network(word))
            except ValueError:
                if not _HOST.fullmatch(word):
                    raise BadAllowed(f"{word!r} is neither a host nor a network such as 10.1.0.0/16") from None
                hosts.add(word)
        return cls(frozenset(hosts), tuple(networks))

    def host(self, host: str) -> bool:
        """Whether a host is excepted, by its name or as an address."""
        address = _literal(host)
        return host.lower() in self.hosts or (address is not None and self.address(address))

    def address(self, address: Address) -> bool:
        """Whether an address is excepted."""
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks addresses as they are registered, and again whenever something is sent."""

    allowed: Allowed

    def fault(self, url: str) -> str | None:
        """What is wrong with an address as it is written; None where messages may be sent there."""
        target = _split(url)
        if target is None:
            return "write it as https://hooks.example.org/path, with neither user nor #fragment"
        host = target.hostname or ""
        if target.scheme != "https" and not self.allowed.host(host):
            return "messages go by https alone: give an https address"
        address = _literal(host)
        if address is not None and not self._may(host, address):
            return "this is an internal address: give one outside, or have the operator allow it"
        return None

    async def checked(self, host: str, port: int) -> str:
        """An address of a host to which messages may go. Raises GuardError; one bad address among several suffices."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise UnknownHost("the host is not known") from None
        texts = [str(where[0]) for *_, where in found]
        if not texts or not all(self._may(host, ip_address(text)) for text in texts):
            raise InternalAddress("the host has an internal address")
        return texts[0]

    def _may(self, host: str, address: Address) -> bool:
        return host.lower() in self.allowed.hosts or self.allowed.address(address) or public(address)


def public(address: Address) -> bool:
    """Whether an address lies outside of every network of one's own, whichever way it is written."""
    return all(_is_public(one) for one in _unwrapped(address))


def _is_public(address: Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    reserved = any(address in network for network in _INTERNAL)
    return address.is_global and not (address.is_multicast or site_local or reserved)


def _unwrapped(address: Address) -> Iterator[Address]:
    """The address, and those of version 4 that it stands for."""
    if not isinstance(address, IPv6Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _CARRYING) or int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    found = [one for one in inner if one is not None]
    yield from found
    # one that is mapped is nothing beside; the others are reached through somebody outside
    if address.ipv4_mapped is None and address not in _NAT64:
        yield address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None for what is none, or hides something."""
    if not _URL.fullmatch(url):
        return None
    try:
        target = urlsplit(url)
        sound = target.hostname and target.port != 0
    except ValueError:
        return None
    hides = "@" in target.netloc or "\\" in url or "#" in url
    return target if sound and not hides else None
