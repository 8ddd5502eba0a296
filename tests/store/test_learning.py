from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from common.crossing import Event, GarmentMatch, GarmentViews
from common.gallery import Gallery
from common.labels import MOST_VIEWS
from store import Site, journal, learning, visits
from store.catalogue import colourways_by_sku, load_embeddings
from store.learning import Checked, Learned
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
    assert learned(shop) == [Learned("K1", {"tag": 2}, 2)]
    with shop.store.write() as session:  # it was another one after all
        visits.correct_item(session, "1", item_of(session).id, "C1", 3, "staff")
    assert learned(shop) == [Learned("C1", {"staff": 2}, 2)]


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
    assert learned(shop) == ([Learned("K1", {"match": 2}, 2)] if taught else [])


def test_a_match_does_not_replace_what_a_person_said(shop: Site) -> None:
    enter(shop, seen("K1", 0.99))
    with shop.store.write() as session:
        visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
    enter(shop, seen("K1", 0.99), time=3, event="exit")
    assert learned(shop) == [Learned("K1", {"tag": 2}, 2)]


def check(site: Site, pictures: Gallery) -> Checked:
    with site.store.read() as session:
        labels = learning.compute_labels(session, MODEL, pictures)
    with site.store.write() as session:
        return learning.save_labels(session, labels, 5.0)


PICTURES = Gallery(np.eye(3, dtype=np.float32), ("K1", "C1", "H1"), ("skirt", "coat", "shoes"))


def test_a_few_views_are_kept_and_tags_before_matches(shop: Site) -> None:
    for number in range(8):
        angle = number / 10
        shown = ((np.cos(angle), np.sin(angle), 0), (np.cos(angle), np.sin(angle), 0.05))
        enter(shop, seen("K1", 0.99, *shown), time=10 * number)
        if number == 0:
            with shop.store.write() as session:
                visits.correct_by_tag(session, "1", item_of(session).id, "K1", 2)
        enter(shop, seen("K1", 0.99, *shown), time=10 * number + 5, event="exit")
    assert learned(shop) == [Learned("K1", {"tag": 2, "match": 14}, 16)]
    assert check(shop, PICTURES) == Checked(wrong=0, doubtful=0, spare=6)
    [found] = learned(shop)
    assert found == Learned("K1", {"tag": 2, "match": 8})
    assert sum(found.views.values()) == MOST_VIEWS


def teach(site: Site, sku: str, *directions: tuple[float, ...]) -> None:
    """Add learned views, each of another garment."""
    with site.store.write() as session:
        key = colourways_by_sku(session, [sku])[sku]
        for direction in directions:
            data = views(direction).embeddings[0].astype(np.float16).tobytes()
            session.add(
                View(colourway_id=key, model=MODEL, camera="", time=0.0, source="choice",
                     data=data, cells=b"\0" * 6)
            )  # fmt: skip


def in_use(site: Site) -> list[str]:
    with site.store.read() as session:
        return list(load_embeddings(session, MODEL).skus)


def test_views_are_used_once_their_label_was_checked(shop: Site) -> None:
    teach(shop, "K1", (0.9, 0.3, 0.1))
    assert in_use(shop) == []
    with shop.store.write() as session:
        assert learning.announce_new(session, 1.0) == 0
    assert check(shop, PICTURES) == Checked()
    assert in_use(shop) == ["K1"]
    with shop.store.write() as session:
        assert learning.announce_new(session, 2.0) == 1


def test_wrong_labels_are_removed_and_doubtful_ones_wait(shop: Site) -> None:
    teach(shop, "K1", (0.9, 0.3, 0.1))
    teach(shop, "C1", (1, 0, -0.3), (0.66, 0.6, 0.3))
    assert check(shop, PICTURES) == Checked(wrong=1, doubtful=1)
    assert learned(shop) == [Learned("C1", {"choice": 1}, 1), Learned("K1", {"choice": 1})]
    assert in_use(shop) == ["K1"]
    # Others of its article make it probable.
    teach(shop, "C1", (0.5, 0.75, 0.3), (0.55, 0.7, 0.4))
    assert check(shop, PICTURES).doubtful == 0
    assert in_use(shop) == ["K1", *["C1"] * 3]


def test_garments_keep_their_views_together_without_a_visit(shop: Site) -> None:
    for number in range(2):
        enter(shop, seen("K1", 0.99), time=10 * number)
        enter(shop, seen("K1", 0.99), time=10 * number + 5, event="exit")
    with shop.store.read() as session:
        found = session.scalars(select(View).order_by(View.id)).all()
        assert [view.garment for view in found] == [1, 1, 2, 2]


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
        session.execute(update(View).values(trust=0.9))
        assert learning.announce_new(session, 3.0) == 2
        assert learning.announce_new(session, 4.0) == 0
        [entry] = [e for e in journal.after(session, 0) if e.kind == journal.LEARNED]
        assert entry.payload["views"] == 2
