"""A recording played into a running shop."""

from __future__ import annotations

from sqlalchemy import select

from common.crossing import Candidate, Crossing, Event, GarmentMatch
from services.watching.playback import Playback
from store import Site, observations, visits
from store.schema import JournalEntry, Visit, VisitItem
from vision.clock import Clocks

TEE = GarmentMatch("top", "T1-S", 0.9, 0.95, (Candidate("T1-S", 0.9),))


def crossing(time: float, event: Event, *garments: GarmentMatch, room: str = "1") -> Crossing:
    return Crossing(time, event, "door", "gate", room, 7, garments)


def test_it_shows_in_the_shop_while_it_plays_and_is_forgotten(shop: Site) -> None:
    now, slept = [1000.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    playback = Playback(shop, Clocks(lambda: now[0], lambda: now[0] + 4000.0), sleep)
    recorded = [crossing(2.0, "entry", TEE), crossing(9.0, "exit"), crossing(12.0, "entry", TEE)]
    seen = []
    for played in playback.play(recorded):
        with shop.store.read() as session:
            visit = visits.current_visit(session, "1")
            seen.append((played.time, [i.colourway_id for i in visit.items] if visit else None))
    assert [time for time, _ in seen] == [5002.0, 5009.0, 5012.0]
    assert seen[0][1]
    assert seen[1][1] is None
    assert slept == [2.0, 7.0, 3.0]
    with shop.store.read() as session:
        assert session.scalars(select(Visit)).all() == []
        assert session.scalars(select(VisitItem)).all() == []
        kinds = [e.kind for e in session.scalars(select(JournalEntry))]
        assert kinds.count("crossing") == 3
        assert observations.read_observations(session, 0.0, 9999.0).crossings == 0


def test_a_visit_that_was_there_stays(shop: Site) -> None:
    with shop.store.write() as session:
        visits.scan_item(session, "1", "K1", 4000.0)
    playback = Playback(shop, Clocks(lambda: 1000.0, lambda: 5000.0), lambda _seconds: None)
    list(playback.play([crossing(0.0, "entry", TEE)]))
    with shop.store.read() as session:
        assert visits.current_visit(session, "1") is not None
