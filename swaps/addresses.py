"""Which addresses may be called: those of the public internet alone. Plain values, no lookups.

From the IANA registries of special-purpose addresses, which RFC 6890 set up:
https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry. Python's
`is_private` and `is_global` each let some of these through, so the list is written out.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

NOT_PUBLIC_4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a carrier's customers
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
# Of IPv6 only this much is handed out (RFC 4291); all the rest, with its mapped, translated, local and
# multicast addresses, is none of the public internet's.
PUBLIC_6 = ip_network("2000::/3")
NOT_PUBLIC_6 = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which holds any IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(address: Address) -> bool:
    """True for an address of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    return address in PUBLIC_6 and not any(address in network for network in NOT_PUBLIC_6)


def literal(host: str) -> Address | None:
    """The address that *host* spells out; None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
