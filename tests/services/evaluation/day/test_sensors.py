from __future__ import annotations

from services.evaluation.day.draw import draw_day
from services.evaluation.day.habits import Habits
from services.evaluation.day.sensors import SensorHabits, draw_signals
from services.evaluation.day.shop import draw_articles
from services.evaluation.day.world import Truth

HABITS = Habits(rooms=3, visits=30)
EXACT = SensorHabits(missed=0.0, least_delay_s=0.0, delay_s=0.0, false_free=0.0)


def test_a_seed_gives_its_signals_again() -> None:
    day = draw_day(HABITS, draw_articles(), 3)
    assert draw_signals(day, "contact", 3) == draw_signals(day, "contact", 3)
    assert draw_signals(day, "contact", 3) != draw_signals(day, "contact", 4)


def test_a_door_is_open_while_somebody_walks_through_and_changes_alternate() -> None:
    day = draw_day(HABITS, draw_articles(), 3)
    signals = draw_signals(day, "contact", 3, EXACT)
    for room in day.rooms:
        states = [(s.time, s.state) for s in signals if s.room == room]
        assert [state for _, state in states] == (["opened", "closed"] * len(states))[: len(states)]
        for crossing in (c for c in day.true_crossings if c.room == room and c.crosses):
            before = [state for time, state in states if time <= crossing.time]
            assert before[-1] == "opened"


def test_an_occupancy_sensor_reports_shoppers() -> None:
    day = draw_day(HABITS, draw_articles(), 3)
    truth, signals = Truth(day), draw_signals(day, "occupancy", 3, EXACT)
    free = [s for s in signals if s.state == "free"]
    assert free
    assert all(truth.at(s.room, s.time).party is None for s in free)


def test_signals_are_missed_and_late() -> None:
    day = draw_day(HABITS, draw_articles(), 3)
    exact = draw_signals(day, "contact", 3, EXACT)
    assert len(draw_signals(day, "contact", 3, SensorHabits(missed=0.5))) < 0.7 * len(exact)
    assert draw_signals(day, "contact", 3, SensorHabits(missed=1.0)) == []
