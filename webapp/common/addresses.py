"""Which addresses this site calls when somebody else names them: none inside the house.

A name is resolved once, every address it has is looked at, and the one that passed is handed back: the caller connects to
that address (with the name as Host and for TLS), so a name that answers differently a moment later changes nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from webapp.common.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"http": 80, "https": 443}
SHARED = ipaddress.ip_network(
    "100.64.0.0/10"
)  # a provider's own network: not global, and not "private" either
# IPv6 ranges that carry an IPv4 address inside: the inner one is what is reached.
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class AddressRefused(Invalid):
    """The address cannot be called from here; the message says why, and names no internal address."""

    default_code = "address_refused"
    final = True


@dataclass(frozen=True)
class Target:
    """A checked place to connect to: `address` is what to open a socket to, `host` what to say it is called."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def authority(self) -> str:
        """The Host header: the name, with its port where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if PORTS[self.scheme] == self.port else f"{name}:{self.port}"


def target_of(url: str, *, private_allowed: bool = False) -> Target:
    """Parse `url`, resolve its host and check every address it has. Raises AddressRefused, or OSError from the resolver.

    With `private_allowed` a deployment trusts its own network: only the form of the address is checked then.
    """
    scheme, host, port, path = _parts(url)
    found = resolved(host, port)
    refused = [address for address in found if not is_public(address)]
    if refused and not private_allowed:
        raise AddressRefused(
            f"{host} lies inside a private or reserved network: this site does not call those."
        )
    return Target(scheme, host, port, str(found[0]), path)


def url_check(url: str) -> None:
    """Refuse an address by its form alone, without asking the resolver: for a form somebody fills in."""
    _parts(url)


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise AddressRefused("That is no address: it needs the form https://host/path.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise AddressRefused("An address starts with http:// or https:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("An address here carries no user name and no password.")
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url.strip()):
        raise AddressRefused("An address has no blanks and no control characters.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port if port is not None else PORTS[parts.scheme], path


def resolved(host: str, port: int) -> list[Address]:
    """Every address a name has, in the resolver's order; it also reads `0x7f.1` and the like, as a caller would."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    names = dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows)
    if not names:
        raise AddressRefused(f"{host} has no address.")
    return [ipaddress.ip_address(name) for name in names]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet: not private, loopback, link-local, reserved, multicast or unset.

    An IPv4 address carried inside an IPv6 one (mapped, 6to4, Teredo, NAT64, compatible) is judged by what it carries.
    """
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    barred = (
        address.is_private, address.is_loopback, address.is_link_local, address.is_reserved, address.is_multicast,
        address.is_unspecified, isinstance(address, ipaddress.IPv6Address) and address.is_site_local,
        isinstance(address, ipaddress.IPv4Address) and address in SHARED,
    )  # fmt: skip
    return address.is_global and not any(barred)


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if any(address in network for network in NAT64) or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
