from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import delete, update

from models.manifest import load_manifest
from services.learning import check_learned_views, fit_camera
from services.retention import Housekeeper
from services.watching.watcher import build_matcher
from store import Site, journal, learning
from store.catalogue import colourways_by_sku, load_gallery
from store.learning import Checked, Learned
from store.schema import Vector, View, Visit, VisitItem
from tests.crossings import cross, garment
from vision.clock import Clocks

ENTRY = load_manifest().embedder
MODEL = ENTRY.model


@pytest.fixture
def taught(shop: Site) -> Site:
    """A shop that learned two views of a skirt, one of them as the coat's."""
    blank = np.zeros(ENTRY.local_features, np.int8).tobytes()
    with shop.store.write() as session:
        gallery = load_gallery(session, MODEL, ENTRY.local_features)
        skirt = gallery.embeddings[gallery.skus.index("K1")]
        keys = colourways_by_sku(session, ["K1", "C1"])
        for number, sku in enumerate(("K1", "C1")):
            noise = np.random.default_rng(number).normal(0, 0.01, skirt.shape)
            seen = (skirt + noise) / np.linalg.norm(skirt + noise)
            data = seen.astype(np.float16).tobytes()
            session.add(
                View(colourway_id=keys[sku], model=MODEL, camera="", time=0.0, source="choice",
                     data=data, cells=blank)
            )  # fmt: skip
    return shop


def test_a_wrong_label_is_removed(taught: Site) -> None:
    assert check_learned_views(taught, 1.0) == Checked(wrong=1)
    with taught.store.read() as session:
        assert learning.list_learned(session) == [Learned("K1", {"choice": 1})]


def test_views_are_checked_while_the_articles_wait_for_new_weights(taught: Site) -> None:
    with taught.store.write() as session:
        session.execute(update(Vector).values(model="before"))
        session.execute(update(View).values(model="before"))
    assert check_learned_views(taught, 1.0) == Checked(wrong=1)
    with taught.store.write() as session:
        session.execute(delete(Vector))
    assert check_learned_views(taught, 1.0) == Checked()


def test_views_come_into_use_while_nobody_is_in_a_room(taught: Site) -> None:
    now = [1e6]
    housekeeper = Housekeeper(taught, Clocks(lambda: now[0], lambda: now[0]))
    cross(taught, now[0], "entry", garment("T1-S"))
    housekeeper.tidy()
    assert announced(taught) == 0
    cross(taught, now[0] + 60, "exit")
    now[0] += 3700
    housekeeper.tidy()
    assert announced(taught) == 1


def announced(site: Site) -> int:
    with site.store.read() as session:
        return sum(entry.kind == journal.LEARNED for entry in journal.after(session, 0))


def match_often(site: Site, count: int, right: int) -> None:
    """Write ended visits with a match of 0.9 each, named by people afterwards."""
    with site.store.write() as session:
        keys = colourways_by_sku(session, ["K1", "C1"])
        visit = Visit(room="1", opened_at=1.0, touched_at=1.0, closed_at=2.0)
        session.add(visit)
        session.flush()
        for number in range(count):
            item = VisitItem(
                visit_id=visit.id, category="skirt", score=1.0, camera="door", model=MODEL,
                base_probability=0.9, nearest_id=keys["K1"],
                colourway_id=keys["K1" if number < right else "C1"],
            )  # fmt: skip
            session.add(item)
            session.flush()
            journal.append(session, 1.0, "visit.corrected", "1",
                           {"visit": visit.id, "item": item.id, "sku": ""})  # fmt: skip


def test_a_camera_is_corrected_by_what_people_said(shop: Site) -> None:
    match_often(shop, 100, right=40)
    with shop.store.read() as session:
        correction = fit_camera(session, "door", MODEL)
        assert correction is not None
        assert 0.3 < correction.apply(0.9) < 0.6
        assert fit_camera(session, "other", MODEL) is None


def test_a_watcher_uses_its_cameras_correction(shop: Site) -> None:
    crop = np.random.default_rng(0).integers(0, 255, (90, 60, 3), np.uint8)
    before = build_matcher(shop, "door").match_image(crop)
    match_often(shop, 100, right=40)
    after = build_matcher(shop, "door").match_image(crop)
    assert before.probability == before.base_probability == after.base_probability
    with shop.store.read() as session:
        correction = fit_camera(session, "door", MODEL)
    assert correction is not None
    assert after.probability == pytest.approx(correction.apply(before.probability), abs=1e-3)
    assert after.probability != before.probability
    off = replace(shop, settings=shop.settings.model_copy(
        update={"matching": shop.settings.matching.model_copy(update={"learn": False})}
    ))  # fmt: skip
    assert build_matcher(off, "door").match_image(crop).probability == before.probability
