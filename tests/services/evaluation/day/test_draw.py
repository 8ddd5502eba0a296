from __future__ import annotations

from collections import defaultdict

import pytest

from services.evaluation.day.draw import draw_day
from services.evaluation.day.habits import Habits
from services.evaluation.day.shop import draw_articles
from services.evaluation.day.world import STAFF, Truth

HABITS = Habits(visits=60, moves=0.2, second_trip=0.5, leaves=0.3, requests=0.5)


def test_a_seed_gives_its_day_again() -> None:
    one, same = (draw_day(HABITS, draw_articles(), 3) for _ in range(2))
    assert one == same
    assert one.true_crossings != draw_day(HABITS, draw_articles(), 4).true_crossings


@pytest.mark.parametrize("seed", range(5))
def test_nothing_comes_out_that_is_not_in(seed: int) -> None:
    day = draw_day(HABITS, draw_articles(), seed)
    inside: dict[str, set[int]] = defaultdict(set)
    people: dict[str, set[int]] = defaultdict(set)
    for true_crossing in day.true_crossings:
        garments, person = set(true_crossing.garments), true_crossing.person
        if true_crossing.event == "entry":
            assert not any(garments & there for there in inside.values())
            assert not any(person in there for there in people.values())
            inside[true_crossing.room] |= garments
            people[true_crossing.room].add(person)
        else:
            assert garments <= inside[true_crossing.room], true_crossing
            assert person in people[true_crossing.room]
            inside[true_crossing.room] -= garments
            people[true_crossing.room].remove(person)
    assert not any(people.values())


def test_a_room_has_one_party_at_a_time() -> None:
    day = draw_day(HABITS, draw_articles(), 1)
    having: dict[str, dict[int, int]] = defaultdict(dict)
    for true_crossing in day.true_crossings:
        if true_crossing.party != STAFF:
            there = having[true_crossing.room]
            assert set(there) <= {true_crossing.party}
            there[true_crossing.party] = there.get(true_crossing.party, 0)
            there[true_crossing.party] += 1 if true_crossing.event == "entry" else -1
            if true_crossing.last and not there[true_crossing.party]:
                del there[true_crossing.party]


def test_what_was_left_is_in_the_room_until_staff_clear_it() -> None:
    day = draw_day(Habits(visits=20, leaves=1.0), draw_articles(), 2)
    truth = Truth(day)
    states = [state for room in day.rooms for state in truth.states(room)]
    assert any(state.party is None and state.inside - state.right for state in states)
    checks = [action for action in day.actions if action.kind == "check"]
    assert checks
    for action in checks:
        assert not truth.at(action.room, action.time).inside
