"""Network addresses: group them for rate limits."""

from __future__ import annotations

import ipaddress


def place_of(address: str) -> str:
    """Return the key of an address in rate limits.

    An IPv6 network of 64 bits counts as one place, as one device has all its addresses; an IPv4
    address counts for itself, however it is written. What is no address is returned as it is.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
