"""A journal that is replayed gives the visits that it came from."""

from __future__ import annotations

from pathlib import Path

from services.evaluation.day.draw import draw_day
from services.evaluation.day.errors import Cameras, draw_errors
from services.evaluation.day.habits import Habits
from services.evaluation.day.play import Player
from services.evaluation.day.sensors import draw_signals
from services.evaluation.day.shop import copy_shop, draw_articles, make_shop
from services.evaluation.day.simulate import views_of
from services.visits.parameters import Parameters
from services.visits.replay import replay
from store import Site, journal
from store.schema import Visit

ARTICLES = draw_articles(20)
HABITS = Habits(rooms=2, visits=25, requests=0.5, second_trip=0.5, companion=0.5)


def decisions(site: Site) -> list[tuple[str, str, object, object]]:
    with site.store.read() as session:
        return [
            (entry.kind, entry.room, entry.payload.get("reason"), entry.payload.get("evidence"))
            for entry in journal.after(session, 0, 10_000)
            if entry.kind.startswith("visit.")
        ]


def visits_of(site: Site) -> list[object]:
    with site.store.read() as session:
        return [
            (visit.room, round(visit.opened_at, 3), visit.people, visit.closed_at is None,
             [(item.category, item.colourway_id, item.state) for item in visit.items])
            for visit in session.query(Visit).order_by(Visit.id)
        ]  # fmt: skip


def play(site: Site) -> None:
    day = draw_day(HABITS, ARTICLES, 7)
    day.actions = [action for action in day.actions if action.kind == "finish"]
    cameras = Cameras(day, draw_errors("hard", 7), ARTICLES, views_of(day.rooms, True), 7)
    signals = draw_signals(day, "contact", 7)
    Player(site, day, cameras.sources).play(cameras.reports(), signals)


def test_replay_gives_the_same_visits(tmp_path: Path) -> None:
    empty = make_shop(tmp_path / "empty", ARTICLES)
    played, again, other = (copy_shop(empty, tmp_path / str(n)) for n in range(3))
    play(played)
    assert {"visit.hidden", "visit.resumed"} <= {kind for kind, *_ in decisions(played)}
    assert {"left", "next", "opened"} <= {reason for _, _, reason, _ in decisions(played)}
    with played.store.read() as session:
        entries = journal.after(session, 0, 10_000)
        for site, parameters in ((again, Parameters()), (other, Parameters(show_above=1.0))):
            with site.store.write() as writing:
                replay(writing, entries, parameters)
    assert decisions(again) == decisions(played)
    assert visits_of(again) == visits_of(played)
    assert visits_of(other) != visits_of(played)  # it is decided anew, not copied
