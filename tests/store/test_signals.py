from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.sensor import Signal, State
from store import Store, create_or_upgrade, journal, open_store
from store.crossings import count_crossings
from store.signals import rooms_with_signals, signals_of, write_signal


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty shop of each kind of database."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    create_or_upgrade(url)
    opened = open_store(url)
    yield opened
    opened.close()


def write(store: Store, time: float, state: State, room: str = "1") -> bool:
    with store.write() as session:
        return write_signal(session, Signal(time, room, state)) is not None


def test_only_changes_are_written(store: Store) -> None:
    assert write(store, 1, "opened")
    assert not write(store, 2, "opened")  # another server received it too
    assert write(store, 3, "opened", room="2")
    assert write(store, 4, "occupied")  # a second sensor
    for time in range(5, 11):
        assert write(store, time, "closed" if time % 2 else "opened")
    assert not write(store, 12, "occupied")
    with store.read() as session:
        assert signals_of(session, "1", 2)[:2] == [
            Signal(4, "1", "occupied"),
            Signal(5, "1", "closed"),
        ]
        assert rooms_with_signals(session, 4) == {"1"}
        assert len(journal.payloads(session, "room.signal")) == 9


def test_crossings_are_counted_on_each_database(store: Store) -> None:
    with store.write() as session:
        for time, event in ((1, "entry"), (2, "entry"), (3, "exit"), (9, "exit")):
            journal.append(session, time, "crossing", "1", {"event": event})
    with store.read() as session:
        assert count_crossings(session, 0, 9) == {"entry": 2, "exit": 1}
