"""Who comes back, and who comes from another room; no table, no clock."""

from __future__ import annotations

from services.visits.parameters import Parameters
from services.visits.returns import (
    Ended,
    find_origin,
    probability_of_move,
    probability_of_return,
    probability_of_trip,
)

KNOWN = Parameters()


def test_the_fewer_garments_come_out_the_more_probable_is_a_trip() -> None:
    found = [probability_of_trip(4, carried, KNOWN) for carried in range(5)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5 > 0.01 > found[4]
    assert probability_of_trip(1, 0, KNOWN) < 0.5, "one garment is easily missed"


def test_she_comes_back_soon_or_not_at_all() -> None:
    ended = Ended(1, "1", 1000.0, 0.7)
    assert probability_of_return(ended, 1100.0, KNOWN) > 0.7
    assert probability_of_return(ended, 1000.0 + KNOWN.trip_s + 1, KNOWN) == 0
    assert probability_of_return(Ended(1, "1", 1000.0, 0.02), 1100.0, KNOWN) < 0.1
    assert find_origin("1", 1100.0, (), [ended], KNOWN) is not None
    assert find_origin("2", 1100.0, (), [ended], KNOWN) is None


def test_more_articles_in_common_are_more_certain() -> None:
    found = [probability_of_move(shared, 3, KNOWN) for shared in (1, 2, 3)]
    assert found == sorted(found)
    assert found[0] < 0.9 < found[1]
    assert 1 - found[2] < KNOWN.show_moved_above < 1 - found[1]


def test_a_shopper_moves_to_another_room_soon_after() -> None:
    ended = [Ended(1, "2", 1000.0, 0.0, frozenset({"A", "B"})), Ended(2, "3", 1000.0, 0.9)]
    origin = find_origin("1", 1030.0, ["A", "B", "C"], ended, KNOWN)
    assert origin is not None
    assert (origin.kind, origin.ended.visit) == ("moved", 1)
    assert find_origin("1", 1000.0 + KNOWN.move_s + 1, ["A", "B"], ended, KNOWN) is None
    assert find_origin("1", 1030.0, ["C"], ended, KNOWN) is None
