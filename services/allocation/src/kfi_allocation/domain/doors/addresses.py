"""To which addresses the authority sends webhooks: public ones, by https, and nowhere inside of a network (SSRF).

Sources: RFC 6890 (special-purpose addresses), RFC 6598 (CGNAT), RFC 4291 (IPv4-mapped), RFC 6052 (NAT64), RFC 3056
(6to4), RFC 4291 2.5.7 and RFC 3879 (site-local).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from kfi_allocation.domain.errors import RuleBroken

LONGEST: Final = 500
_NAT64: Final = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_ALSO_NOT_PUBLIC: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv6Network("3fff::/20"))
"""What the standard library of some versions calls global: RFC 6890, RFC 7526, RFC 9637."""
_NAT64_LOCAL: Final = IPv6Network("64:ff9b:1::/48")
_EMBEDDED_IN_COMPATIBLE: Final = IPv6Network("::/96")


class AddressRefused(RuleBroken):
    """A webhook goes to a public host by https; this address is none."""

    code = "webhook-address-refused"
    title = "Not an address for webhooks"


@dataclass(frozen=True)
class Target:
    """Where a webhook goes."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str, *, inside: bool = False) -> Target:
    """Take an address apart. `inside` lets http and loopback pass, in demo and tests. Raises AddressRefused."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused("not an address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("not an address") from None
    if parts.scheme not in ({"https", "http"} if inside else {"https"}):
        raise _refused("not https")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("without a host, or with a user or a fragment")
    if not inside and _is_refused_name(parts.hostname):
        raise _refused("not public")
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), (parts.path or "/") + query
    )


def may_be_reached(address: str, *, inside: bool = False) -> bool:
    """Whether a resolved address may be connected to: public ones; with `inside` those of the machine itself too."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = _embedded(found)
    if inside and found.is_loopback:
        return True
    return _is_public(found)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in _ALSO_NOT_PUBLIC if network.version == address.version):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    # is_global is false for private, loopback, link-local, CGNAT, documentation and reserved ones, true for multicast
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that is reached by an IPv6 one which only wraps it."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    wrapped = address in _NAT64 or (address in _EMBEDDED_IN_COMPATIBLE and int(address) > 1)
    if wrapped:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv6Address("::1") if address in _NAT64_LOCAL else address


def _is_refused_name(host: str) -> bool:
    """What needs no resolver to be known: literals that are not public, names that never leave a machine."""
    try:
        ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." not in name or name.endswith((".localhost", ".local", ".internal", ".home.arpa"))
    return not may_be_reached(host)


def _refused(why: str) -> AddressRefused:
    return AddressRefused(f"The address is {why}.", fix="Name a public https address, without user and fragment.")
