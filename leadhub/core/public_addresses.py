"""Which IP addresses are on the public internet, and which lead to somewhere inside."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What the registries call global and what yet leads inside, or wraps an address that may.
_NEVER: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # shared by carriers; one cloud's metadata at 100.100.100.200
        "168.63.129.16/32",  # metadata and health of another cloud
        "169.254.0.0/16",  # link-local, metadata of most clouds
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo among them: wraps an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: wraps an IPv4 address
        "3fff::/20",  # documentation
    )
)
# Everything that is routed; mapped, compatible, NAT64 and local addresses are outside of it.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
# The end of an address that wraps an IPv4 address in ISATAP, whatever its network.
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: Address) -> bool:
    """Tell whether an address is somewhere out there and nowhere inside."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and not _is_routed(address):
        return False
    return not any(
        address in network for network in (*_NEVER, *_own_networks()) if _fits(address, network)
    )


def parse_address(text: str) -> Address | None:
    """Read an address as a resolver gives it; ``None`` if it is none, or only valid on one link."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return None if getattr(address, "scope_id", None) else address


def _is_routed(address: IPv6Address) -> bool:
    wraps = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return address in _GLOBAL_IPV6 and not wraps


def _own_networks() -> Iterable[Network]:
    return (ip_network(network, strict=False) for network in settings.OUTGOING_FORBIDDEN_NETWORKS)


def _fits(address: Address, network: Network) -> bool:
    return address.version == network.version
