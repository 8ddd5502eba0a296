from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from common.crossing import Event, GarmentMatch, GarmentViews
from common.gallery import Gallery
from store import Site, journal, learning, visits
from store.catalogue import colourways_by_sku
from store.learning import Learned
from store.schema import GarmentView, View, VisitItem
from tests.crossings import cross, garment

MODEL = "a-model"


def views(*directions: tuple[float, ...]) -> GarmentViews:
    vectors = np.array(directions, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return GarmentViews(MODEL, vectors, np.zeros((len(vectors), 2, 3), np.int8))


def seen(sku: str | None, probability: float = 0.5, *directions: tuple[float, ...]) -> GarmentMatch:
    shown = views(*(directions or ((1, 0, 0), (0.9, 0.1, 0))))
    return replace(garment(sku), probability=probability, views=shown)


def enter(site: Site, *garments: GarmentMatch, time: float = 1, event: Event = "entry") -> None:
    cross(site, time, event, *garments)


def item_of(session: Any) -> VisitItem:
    [item] = visits.require_visit(session, "1").items
    return item


def learned(site: Site) -> list[Learned]:
    with site.store.read() as session:
        return learning.list_learned(session)


def test_a_tag_a_choice_and_staff_teach_the_article(shop: Site) -> None:
    enter(shop, seen(None))
    with shop.store.write() as session:
        visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
    assert learned(shop) == [Learned("K1", {"tag": 2})]
    with shop.store.write() as session:  # it was another one after all
        visits.correct_item(session, "1", item_of(session).id, "C1", 3, "staff")
    assert learned(shop) == [Learned("C1", {"staff": 2})]


def test_what_is_learned_names_no_time_camera_or_visit(shop: Site) -> None:
    enter(shop, seen(None))
    with shop.store.write() as session:
        visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
        assert len(session.scalars(select(GarmentView)).all()) == 2
        visits.leave(session, "1", 4)
    with shop.store.read() as session:
        assert session.scalars(select(GarmentView)).all() == []
        found = session.scalars(select(View)).all()
        assert [(v.item_id, v.camera, v.time) for v in found] == [(None, "", 0.0)] * 2


def test_what_nobody_confirms_dies_with_the_visit(shop: Site) -> None:
    enter(shop, seen("K1", 0.99))
    with shop.store.write() as session:
        visits.leave(session, "1", 4)
        assert session.scalars(select(GarmentView)).all() == []
    assert learned(shop) == []


@pytest.mark.parametrize(
    ("going_in", "coming_out", "taught"),
    [(0.99, 0.985, True), (0.99, 0.9, False), (0.9, 0.99, False)],
)
def test_the_same_confident_match_in_and_out_teaches(
    shop: Site, going_in: float, coming_out: float, taught: bool
) -> None:
    enter(shop, seen("K1", going_in))
    enter(shop, seen("K1", coming_out), time=2, event="exit")
    assert learned(shop) == ([Learned("K1", {"match": 2})] if taught else [])


def test_a_match_does_not_replace_what_a_person_said(shop: Site) -> None:
    enter(shop, seen("K1", 0.99))
    with shop.store.write() as session:
        visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
    enter(shop, seen("K1", 0.99), time=3, event="exit")
    assert learned(shop) == [Learned("K1", {"tag": 2})]


def test_a_few_different_views_are_kept_and_tags_before_matches(shop: Site) -> None:
    for number in range(5):
        angle = number / 4
        shown = ((np.cos(angle), np.sin(angle), 0), (np.cos(angle), np.sin(angle), 0.05))
        enter(shop, seen("K1", 0.99, *shown), time=10 * number)
        if number == 0:
            with shop.store.write() as session:
                visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
        enter(shop, seen("K1", 0.99, *shown), time=10 * number + 5, event="exit")
    [found] = learned(shop)
    assert sum(found.views.values()) == learning.MOST_VIEWS
    assert found.views["tag"] >= 1
    with shop.store.read() as session:
        kept = session.scalars(select(View.data)).all()
    vectors = np.stack([np.frombuffer(data, np.float16).astype(float) for data in kept])
    spread = np.arctan2(vectors[:, 1], vectors[:, 0])
    assert np.ptp(spread) == pytest.approx(1, abs=0.01)


def test_wrong_labels_are_found_and_removed(shop: Site) -> None:
    gallery = Gallery(np.eye(3, dtype=np.float32), ("K1", "C1", "H1"), ("skirt", "coat", "shoes"))
    with shop.store.write() as session:
        keys = colourways_by_sku(session, ["K1", "C1"])
        for sku, direction in (("K1", (0.9, 0.3, 0.1)), ("C1", (0.95, 0.1, 0.1))):
            shown = views(direction)
            session.add(
                View(colourway_id=keys[sku], model=MODEL, camera="", time=0.0, source="choice",
                     data=shown.embeddings[0].astype(np.float16).tobytes(), cells=b"")
            )  # fmt: skip
        session.flush()
        assert learning.remove_disagreeing(session, MODEL, gallery, 5.0) == 1
    assert learned(shop) == [Learned("K1", {"choice": 1})]


def test_undo(shop: Site) -> None:
    enter(shop, seen(None))
    with shop.store.write() as session:
        visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
    with shop.store.write() as session:
        assert learning.undo(session, 5.0, colourways_by_sku(session, ["C1"])["C1"]) == 0
        assert learning.undo(session, 5.0, colourways_by_sku(session, ["K1"])["K1"]) == 2
    assert learned(shop) == []


def test_new_views_are_announced_once(shop: Site) -> None:
    with shop.store.write() as session:
        assert learning.announce_new(session, 1.0) == 0
    enter(shop, seen(None))
    with shop.store.write() as session:
        visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
        assert learning.announce_new(session, 3.0) == 2
        assert learning.announce_new(session, 4.0) == 0
        [entry] = [e for e in journal.after(session, 0) if e.kind == journal.LEARNED]
        assert entry.payload["views"] == 2
