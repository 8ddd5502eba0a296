from __future__ import annotations

import numpy as np
import pytest

from models.simulation.cutout import Cutout
from models.training.films.camera import CAMERAS
from models.training.films.gait import Route, Track
from models.training.films.script import (
    SITUATIONS,
    Film,
    Walk,
    crossings,
    events,
    plan_films,
    random_actor,
)


def garment(rng: np.random.Generator) -> Cutout:
    return Cutout(np.zeros((4, 4, 4), np.uint8), f"g{int(rng.integers(1000))}", "top")


@pytest.fixture(scope="module")
def films() -> dict[str, Film]:
    return {film.name: film for film in plan_films(0, garment)}


def entries(film: Film) -> list[tuple[str, int, int]]:
    return [(e["event"], e["person"], len(e["garments"])) for e in events(film)]


def test_there_are_two_films_of_each_situation_from_all_cameras(films: dict[str, Film]) -> None:
    assert len(films) == 2 * len(SITUATIONS) == 22
    assert {film.camera for film in films.values()} == set(CAMERAS)
    assert all(film.camera != films[f"{film.name[:-2]}-2"].camera
               for film in films.values() if film.name.endswith("-1"))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one_garment", [("entry", 0, 1)]),
        ("nothing", [("entry", 0, 0)]),
        ("bunch", [("entry", 0, 3)]),
        ("together", [("entry", 0, 2), ("entry", 1, 1)]),
        ("turns_back", []),
        ("handed_over", [("entry", 1, 1)]),
        ("fewer_out", [("entry", 0, 3), ("exit", 0, 1)]),
        ("family", [("entry", 0, 1), ("entry", 1, 0)]),
        ("trolley", [("entry", 0, 1)]),
        ("dark_clothes", [("entry", 0, 1)]),
    ],
)
@pytest.mark.parametrize("take", [1, 2])
def test_each_situation_has_its_events(
    films: dict[str, Film], name: str, expected: list[tuple[str, int, int]], take: int
) -> None:
    assert entries(films[f"{name}-{take}"]) == expected


def test_in_a_crowd_two_go_in_and_one_comes_out(films: dict[str, Film]) -> None:
    assert sorted(entries(films["crowd-1"])) == [("entry", 0, 1), ("entry", 1, 1), ("exit", 2, 1)]


def test_a_garment_is_handed_over_where_both_stand_within_reach(films: dict[str, Film]) -> None:
    giver, taker = films["handed_over-1"].walks
    moment = giver.carries[0].until
    assert moment == taker.carries[0].since
    assert giver.carries[0].load.garment is taker.carries[0].load.garment
    tracks = [Track(walk.route) for walk in (giver, taker)]
    places = [track.position(track.distance(moment)) for track in tracks]
    assert np.linalg.norm(places[0] - places[1]) < 1.1
    for track in tracks:
        assert track.distance(moment + 0.3) - track.distance(moment - 0.3) < 0.2


def test_the_same_seed_writes_the_same_films(films: dict[str, Film]) -> None:
    again = {film.name: film for film in plan_films(0, garment)}
    assert [events(film) for film in again.values()] == [events(film) for film in films.values()]
    assert again["crowd-1"].walks[1].actor == films["crowd-1"].walks[1].actor
    assert plan_films(1, garment)[0].walks[0].actor != films["one_garment-1"].walks[0].actor


def test_a_crossing_is_where_the_way_meets_the_gate() -> None:
    actor = random_actor(np.random.default_rng(0))
    walk = Walk(0, actor, Route(((0.4, 0), (4.4, 0)), start=1.0, speed=1.0))
    ((time, event),) = crossings(walk)
    assert event == "entry"
    assert time == pytest.approx(3.0, abs=0.3)
