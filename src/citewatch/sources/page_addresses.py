"""Where the page of a paper is, and whether a stranger's link may be followed there. Pure.

A publication list is written by anybody: a link in it must not make this machine ask its
own network. https://owasp.org/www-community/attacks/Server_Side_Request_Forgery
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from citewatch.domain.identifiers import ACL, PMLR, URL, Identifier

SCHEMES = (PMLR, ACL, URL)
"""What a page can be asked by."""
WEB_PORTS = (80, 443)

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_INSIDE = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".onion")
"""Names that lead nowhere outside, RFC 6761, 6762, 8375 and usage."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_KEPT = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAddress:
    """A page on the web, taken apart and put together again: no two readers can differ."""

    scheme: str
    host: str
    """Lower case, ASCII, an IPv6 address without brackets."""
    port: int
    path: str
    """With its query, without a fragment."""

    @property
    def site(self) -> str:
        """Host, and port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The page itself."""
        return f"{self.scheme}://{self.site}{self.path}"

    def below(self, base: str) -> str:
        """The page at a stand-in that keeps a folder for each host."""
        return f"{base}/{quote(self.site)}{self.path}"


def page_of(identifier: Identifier) -> str | None:
    """The URL of an identifier's page; None for a scheme without pages here."""
    match identifier.scheme:
        case "pmlr":
            return f"https://proceedings.mlr.press/{identifier.value}.html"
        case "acl":
            return f"https://aclanthology.org/{identifier.value}/"
        case "url":
            return identifier.value
    return None


def read_address(url: str) -> PageAddress | None:
    """The parts of a URL; None where it is no plain http(s) address (a user's name in it)."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return None
    if parts.scheme not in _PORTS or "@" in parts.netloc or "\\" in parts.netloc:
        return None
    if not (_HOST.fullmatch(host) or _ipv6(host)):
        return None
    path = quote(parts.path, safe=_KEPT) or "/"
    if parts.query:
        path += "?" + quote(parts.query, safe=_KEPT + "?")
    usual = _PORTS[parts.scheme]
    return PageAddress(
        scheme=parts.scheme, host=host, port=usual if port is None else port, path=path
    )


def _ipv6(host: str) -> bool:
    try:
        return isinstance(ipaddress.ip_address(host), ipaddress.IPv6Address) and "%" not in host
    except ValueError:
        return False


def objection(address: PageAddress, ports: Container[int] = WEB_PORTS) -> str | None:
    """Why this is no page on the open web, found without asking a name server."""
    if address.port not in ports:
        return f"port {address.port} is not one of the web's"
    host = address.host
    if ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]):
        # 2130706433, 0177.1 and 0x7f.0.0.1 are 127.0.0.1 to the C library: one spelling only.
        return None if is_public(host) else f"{host} is no public address"
    if "." not in host or host.endswith(_INSIDE):
        return f"{host} is a name of the inside"
    return None


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet.

    Not loopback, private, link-local, multicast, reserved or unspecified ones, also when
    they come mapped or wrapped into IPv6; nothing that is not in its plain spelling.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
        if ip.teredo is not None or (ip.sixtofour and not is_public(str(ip.sixtofour))):
            return False
        return ip in _UNICAST and ip.is_global
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)
