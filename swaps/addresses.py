"""Which addresses of the internet are nobody's public server: one list, decided on the address itself.

Sources: IANA's "IPv4 Special-Purpose Address Registry", "IPv6 Special-Purpose Address Registry", "IPv4 Multicast
Address Space Registry" and "Internet Protocol Version 6 Address Space" (RFC 6890, 4291, 5771). Python's own
`is_private` and `is_global` follow other rules: each lets some of these through.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

type Address = IPv4Address | IPv6Address

_SPECIAL = (
    "0.0.0.0/8",  # "this network" (RFC 791); Linux takes 0.0.0.0 for itself
    "10.0.0.0/8",  # private use (RFC 1918)
    "100.64.0.0/10",  # shared with the carrier's translator (RFC 6598)
    "127.0.0.0/8",  # loopback (RFC 1122)
    "169.254.0.0/16",  # link local (RFC 3927); clouds keep their metadata there
    "172.16.0.0/12",  # private use (RFC 1918)
    "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
    "192.0.2.0/24",  # documentation (RFC 5737)
    "192.31.196.0/24",  # AS112 (RFC 7535)
    "192.52.193.0/24",  # multicast tunnelling (RFC 7450)
    "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
    "192.168.0.0/16",  # private use (RFC 1918)
    "192.175.48.0/24",  # AS112 (RFC 7534)
    "198.18.0.0/15",  # benchmarking (RFC 2544)
    "198.51.100.0/24",  # documentation (RFC 5737)
    "203.0.113.0/24",  # documentation (RFC 5737)
    "224.0.0.0/4",  # multicast (RFC 5771)
    "240.0.0.0/4",  # reserved, broadcast (RFC 1112, 919)
    # Of IPv6 only 2000::/3 is given out for public hosts (RFC 4291). Below it lie the unspecified address,
    # loopback, IPv4 as ::a.b.c.d and ::ffff:a.b.c.d, the translators' 64:ff9b::/96 and 64:ff9b:1::/48, and
    # discard-only 100::/64; above it segment routing (5f00::/16), unique local fc00::/7, link local fe80::/10,
    # site local fec0::/10 and multicast ff00::/8.
    "::/3",
    "4000::/2",
    "8000::/1",
    "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking (RFC 2928)
    "2001:db8::/32",  # documentation (RFC 3849)
    "2002::/16",  # 6to4, an IPv4 address in disguise (RFC 3056)
    "2620:4f:8000::/48",  # AS112 (RFC 7534)
    "3fff::/20",  # documentation (RFC 9637)
)
_FORBIDDEN = tuple(ip_network(cidr) for cidr in _SPECIAL)
# What the C library reads as one address though it is no dotted quad: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}")


def is_public(address: Address) -> bool:
    """Whether *address* may be some public server's."""
    return not any(address in network for network in _FORBIDDEN)


def literal(host: str) -> Address | None:
    """The address that *host* spells out, in any way that a resolver reads; None for a name.

    Looks nothing up. *host* is a URL's, in lower case and without brackets.
    """
    host = host.removesuffix(".")
    try:
        return ip_address(host)
    except ValueError:
        pass
    if not _NUMERIC.fullmatch(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_own_name(host: str) -> bool:
    """Whether *host* means the machine itself by its mere name (RFC 6761)."""
    return host.removesuffix(".").rpartition(".")[2] == "localhost"


# Names that lead nowhere on the internet: RFC 6761 (test, invalid), 6762 (local), 8375 (home.arpa), and ICANN's
# internal; the others are what routers and offices call their own.
_PRIVATE_ENDINGS = (
    "test", "invalid", "local", "home.arpa", "internal", "lan", "home", "corp", "intranet",
)  # fmt: skip


def is_private_by_name(host: str) -> bool:
    """Whether *host* can be nobody's public server, as far as its spelling tells; nothing is looked up."""
    address = literal(host)
    if address is not None:
        return not is_public(address)
    host = host.removesuffix(".")
    return (
        is_own_name(host)
        or "." not in host
        or any(host.endswith(f".{ending}") for ending in _PRIVATE_ENDINGS)
    )
