from __future__ import annotations

from common.sensor import Signal, State
from store import Site, journal
from store.signals import rooms_with_signals, signals_of, write_signal


def write(site: Site, time: float, state: State, room: str = "1") -> bool:
    with site.store.write() as session:
        return write_signal(session, Signal(time, room, state)) is not None


def test_only_changes_are_written(shop: Site) -> None:
    assert write(shop, 1, "opened")
    assert not write(shop, 2, "opened")  # another server received it too
    assert write(shop, 3, "opened", room="2")
    assert write(shop, 4, "occupied")  # a second sensor
    assert write(shop, 5, "closed")
    assert not write(shop, 6, "occupied")
    with shop.store.read() as session:
        found = signals_of(session, "1", 2)
        assert found == [Signal(4, "1", "occupied"), Signal(5, "1", "closed")]
        assert rooms_with_signals(session, 4) == {"1"}
        assert len(journal.payloads(session, "room.signal")) == 4
