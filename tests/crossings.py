"""People who go in and come out, as tests write them."""

from __future__ import annotations

from common.crossing import Candidate, Crossing, Event, GarmentMatch
from services.visits.recording import record_crossing
from store import Site


def garment(sku: str | None, category: str = "top", others: tuple[str, ...] = ()) -> GarmentMatch:
    """A garment of an article, or an unknown one, which may be others."""
    skus = [*([sku] if sku else []), *others]
    candidates = tuple(Candidate(s, 0.9 - n / 10) for n, s in enumerate(skus))
    return GarmentMatch(category, sku, 0.9, candidates=candidates)


def cross(
    site: Site,
    time: float,
    event: Event,
    *garments: GarmentMatch,
    room: str = "1",
    rooms: tuple[str, ...] = (),
    key: str = "",
    staff: bool = False,
) -> int | None:
    """Write a crossing; behind the gate is one room, or several if `rooms` are given."""
    seen = Crossing(
        time,
        event,
        "door",
        "gate",
        "" if rooms else room,
        garments=garments,
        rooms=rooms,
        staff=staff,
    )
    with site.store.write() as session:
        return record_crossing(session, seen, key or f"{room}{event}{time}{staff}")
