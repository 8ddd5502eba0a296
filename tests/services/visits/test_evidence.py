"""What sensors at a room say, from signals that are written here by hand."""

from __future__ import annotations

import pytest

from common.crossing import Crossing, Event
from common.sensor import Signal, State
from services.visits.evidence import (
    Opening,
    openings,
    probability_of_change,
    probability_of_free,
    unexplained,
    weigh_entry,
)
from services.visits.parameters import Parameters

KNOWN = Parameters()


def signals(*given: tuple[float, State]) -> list[Signal]:
    return [Signal(time, "1", state) for time, state in given]


def seen(time: float, event: Event = "entry") -> Crossing:
    return Crossing(time, event, "left", "gate", "1")


#: She goes in at 0, somebody else at 300; each opens and closes the door.
HERS = ((-1.0, "opened"), (2.0, "closed"))
NEXT = ((299.0, "opened"),)
IDLE = ((200.0, "opened"), (204.0, "closed"))


def weigh(*given: tuple[float, State], earlier: tuple[Crossing, ...] = ()) -> tuple[float, str]:
    before = [seen(0), *earlier]
    weight = weigh_entry(signals(*given), before, seen(300), 0.0, KNOWN)
    return weight.ratio, weight.evidence


def test_openings_are_pairs_of_signals() -> None:
    found = list(openings(signals((1, "closed"), (2, "opened"), (3, "closed"), (9, "opened"))))
    assert found == [Opening(2, 3), Opening(9)]
    assert (found[0].lasts(99), found[1].lasts(99)) == (1, 90)


def test_an_opening_for_a_crossing_is_explained() -> None:
    found = [Opening(299, 302), Opening(310, 312)]
    assert unexplained(found, [seen(300)], KNOWN) == [found[1]]


def test_a_door_that_stayed_shut_speaks_for_her_and_one_that_was_opened_for_the_next() -> None:
    ratio, evidence = weigh(*HERS, *NEXT)
    assert ratio == KNOWN.missed_signal
    assert evidence == "door_stayed_shut"
    ratio, evidence = weigh(*HERS, *IDLE, *NEXT)
    assert ratio > 1
    assert evidence == "door_opened"


def test_a_sensor_that_missed_the_entry_itself_says_nothing() -> None:
    assert weigh(*HERS) == (1.0, "")
    assert weigh() == (1.0, "")


def test_she_may_have_left_together_with_a_friend() -> None:
    together = seen(200, "exit")
    assert weigh(*HERS, *IDLE, *NEXT, earlier=(together,)) == (1.0, "")


def test_occupancy() -> None:
    assert weigh((1, "occupied"))[1] == "room_stayed_occupied"
    ratio, evidence = weigh((1, "occupied"), (150, "free"), (298, "occupied"))
    assert ratio > 1
    assert evidence == "room_was_free"
    assert probability_of_free(30, KNOWN) < 1e-4 < probability_of_free(600, KNOWN)


@pytest.mark.parametrize(("found", "over"), [
    ([Opening(300, 303)], False),  # she looks out
    ([Opening(300, 340)], True),  # nobody closed it for long
    ([Opening(300)], True),
    ([Opening(300, 303), Opening(360, 363)], True),  # one out, one in
    ([Opening(20, 23)], False),
    ([], False),
])  # fmt: skip
def test_a_room_may_have_changed_hands_unseen(found: list[Opening], over: bool) -> None:
    probability = probability_of_change(found, 0.0, 400.0, KNOWN)
    assert (probability >= KNOWN.show_above) is over
    assert probability_of_change(found, 0.0, 400.0, Parameters(missed_exit=0.0)) == 0


def test_after_a_friend_was_seen_to_leave_any_opening_may_be_the_next_shopper() -> None:
    found = [Opening(300, 303)]
    assert probability_of_change(found, 0.0, 400.0, KNOWN) < KNOWN.show_above
    assert probability_of_change(found, 0.0, 400.0, KNOWN, True) >= KNOWN.show_above
