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
    assert one.passages != draw_day(HABITS, draw_articles(), 4).passages


@pytest.mark.parametrize("seed", range(5))
def test_nothing_comes_out_that_is_not_in(seed: int) -> None:
    day = draw_day(HABITS, draw_articles(), seed)
    inside: dict[str, set[int]] = defaultdict(set)
    people: dict[str, set[int]] = defaultdict(set)
    for passage in day.passages:
        garments, person = set(passage.garments), passage.person
        if passage.event == "entry":
            assert not any(garments & there for there in inside.values())
            assert not any(person in there for there in people.values())
            inside[passage.room] |= garments
            people[passage.room].add(person)
        else:
            assert garments <= inside[passage.room], passage
            assert person in people[passage.room]
            inside[passage.room] -= garments
            people[passage.room].remove(person)
    assert not any(people.values())


def test_a_room_has_one_party_at_a_time() -> None:
    day = draw_day(HABITS, draw_articles(), 1)
    having: dict[str, dict[int, int]] = defaultdict(dict)
    for passage in day.passages:
        if passage.party != STAFF:
            there = having[passage.room]
            assert set(there) <= {passage.party}
            there[passage.party] = there.get(passage.party, 0)
            there[passage.party] += 1 if passage.event == "entry" else -1
            if passage.last and not there[passage.party]:
                del there[passage.party]


def test_what_was_left_is_in_the_room_until_staff_clear_it() -> None:
    day = draw_day(Habits(visits=20, leaves=1.0), draw_articles(), 2)
    truth = Truth(day)
    states = [state for room in day.rooms for state in truth.states(room)]
    assert any(state.party is None and state.inside - state.right for state in states)
    checks = [action for action in day.actions if action.kind == "check"]
    assert checks
    for action in checks:
        assert not truth.at(action.room, action.time).inside
