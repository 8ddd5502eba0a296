from __future__ import annotations

from common.address import place_of


def test_an_ipv6_network_counts_as_one_place() -> None:
    assert place_of("2001:db8::1") == place_of("2001:db8::2:3") != place_of("2001:db8:0:1::1")
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1") == "192.0.2.1"
    assert place_of("fe80::1%eth0") == "fe80::/64"
    assert place_of("unix") == "unix"
