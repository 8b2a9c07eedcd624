"""Which addresses a webhook may have, and to which machines it may lead. Pure: resolving names is the adapter's."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from fourflow.foundation.clients.types import AddressForbidden, EndpointInvalid

LONGEST_URL = 500
MOST_KINDS = 200
_FAMILY = re.compile(r"^[a-z_]+\.\*$")
#: public by their number, inside by their meaning: a cloud's own services
INSIDE = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))
#: IPv6 addresses that carry an IPv4 address which a gateway would reach
_NAT64, _6TO4 = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")

Address = IPv4Address | IPv6Address


def checked_url(url: str, *, loopback: bool = False) -> str:
    """An address that may be registered: https, a name or public number, no sign-in and no fragment in it.

    :param loopback: the sandbox's explicit permission to call this machine, also over plain http.
    :raises EndpointInvalid: it is not such an address. :raises AddressForbidden: it names a place inside.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise EndpointInvalid(field="url", expected="an https address") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url or not host:
        raise EndpointInvalid(field="url", expected=f"an https address of at most {LONGEST_URL} ASCII characters")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise EndpointInvalid(field="url", expected="no sign-in and no fragment in the address")
    number = _number(host)
    local = host == "localhost" or (number is not None and number.is_loopback)
    if parts.scheme != "https" and not (loopback and local and parts.scheme == "http"):
        raise EndpointInvalid(field="url", expected="https")
    if number is not None:
        require_outside([number], loopback=loopback)
    elif local and not loopback:
        raise AddressForbidden(field="url")
    return url


def require_outside(numbers: Sequence[Address], *, loopback: bool = False) -> None:
    """Refuse when any of a name's numbers is this machine, a private or reserved network, or a metadata service.

    :raises AddressForbidden: names no number, so that nobody maps a network by asking.
    """
    for number in numbers:
        if not (is_outside(number) or (loopback and number.is_loopback)):
            raise AddressForbidden(field="url")


def is_outside(number: Address) -> bool:
    """Whether a number is a public machine's. What wraps an IPv4 number is judged by that number."""
    if isinstance(number, IPv6Address):
        if number.ipv4_mapped is not None:
            return is_outside(number.ipv4_mapped)
        if number in _NAT64:
            return is_outside(IPv4Address(int(number) & 0xFFFFFFFF))
        if number in _6TO4 or number.teredo is not None or number.is_site_local:
            return False
    inside = any(number.version == network.version and number in network for network in INSIDE)
    return number.is_global and not number.is_multicast and not number.is_reserved and not inside


def _number(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def checked_kinds(kinds: Sequence[str], known: Collection[str]) -> list[str]:
    """Event kinds, or whole families of them (``voucher.*``), each known to the house.

    :raises EndpointInvalid: none, too many, or one that nothing is published under.
    """
    wanted = sorted(set(kinds))
    if not 1 <= len(wanted) <= MOST_KINDS:
        raise EndpointInvalid(field="kinds", expected=f"1 to {MOST_KINDS} event kinds")
    families = {kind.partition(".")[0] for kind in known}
    for kind in wanted:
        if kind not in known and not (_FAMILY.match(kind) and kind[:-2] in families):
            raise EndpointInvalid(
                field="kinds", value=kind[:80], expected="an event kind, or a family such as voucher.*"
            )
    return wanted
