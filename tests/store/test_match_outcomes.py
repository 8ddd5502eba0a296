"""Which matches of a camera were right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from common.crossing import Candidate, GarmentMatch, GarmentViews
from store import Site, requests, visits
from store.match_outcomes import MatchOutcome, forget_outcomes, match_outcomes
from store.schema import VisitItem
from tests.crossings import cross, garment

MODEL = "a-model"
VIEWS = GarmentViews(MODEL, np.eye(1, 3, dtype=np.float32), np.zeros((1, 2, 3), np.int8))
CAMERA = "door"


def seen(nearest: str, probability: float, accepted: bool = True) -> GarmentMatch:
    return replace(
        garment(nearest if accepted else None),
        probability=probability,
        base_probability=probability,
        nearest=(Candidate(nearest, 0.8), Candidate("H1", 0.1)),
        views=VIEWS,
    )


def outcomes(site: Site, camera: str = CAMERA, model: str = MODEL) -> list[MatchOutcome]:
    with site.store.read() as session:
        return match_outcomes(session, camera, model)


def items(site: Site) -> list[VisitItem]:
    with site.store.read() as session:
        return list(visits.require_visit(session, "1").items)


def name(site: Site, number: int, sku: str) -> None:
    with site.store.write() as session:
        visits.correct_item(session, "1", items(site)[number].id, sku, 2)


def leave(site: Site) -> None:
    with site.store.write() as session:
        visits.leave(session, "1", 5)


def test_corrections_and_choices_say_whether_a_match_was_right(shop: Site) -> None:
    cross(shop, 1, "entry", seen("K1", 0.9), seen("C1", 0.4, False), seen("C1", 0.3, False))
    name(shop, 0, "B1")
    name(shop, 1, "C1")
    leave(shop)
    assert outcomes(shop) == [MatchOutcome(0.9, False), MatchOutcome(0.4, True)]


def test_an_accepted_match_counts_where_the_screen_was_used(shop: Site) -> None:
    cross(shop, 1, "entry", seen("K1", 0.95), seen("C1", 0.4, False))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        requests.ask_person(session, visit, 2)
    leave(shop)
    assert outcomes(shop) == [MatchOutcome(0.95, True)]


def test_nobody_may_have_looked_where_the_screen_was_not_used(shop: Site) -> None:
    cross(shop, 1, "entry", seen("K1", 0.95))
    leave(shop)
    assert outcomes(shop) == []


def test_a_visit_that_goes_on_may_still_be_corrected(shop: Site) -> None:
    cross(shop, 1, "entry", seen("K1", 0.95))
    name(shop, 0, "K1")
    assert outcomes(shop) == []
    leave(shop)
    assert outcomes(shop) == [MatchOutcome(0.95, True)]


@pytest.mark.parametrize(("camera", "model"), [("other", MODEL), (CAMERA, "other-weights")])
def test_other_cameras_and_weights_do_not_count(shop: Site, camera: str, model: str) -> None:
    cross(shop, 1, "entry", seen("K1", 0.95))
    name(shop, 0, "K1")
    leave(shop)
    assert outcomes(shop, camera, model) == []


def test_without_learning_nothing_is_known(shop: Site) -> None:
    cross(shop, 1, "entry", replace(seen("K1", 0.95), views=None))
    name(shop, 0, "K1")
    leave(shop)
    assert outcomes(shop) == []


def test_a_garment_of_somebody_else_does_not_count(shop: Site) -> None:
    cross(shop, 1, "entry", seen("K1", 0.95), seen("C1", 0.9))
    name(shop, 0, "K1")
    with shop.store.write() as session:
        visits.disown_item(session, "1", items(shop)[1].id, 3, False)
    leave(shop)
    assert outcomes(shop) == [MatchOutcome(0.95, True)]


def test_outcomes_can_be_forgotten(shop: Site) -> None:
    cross(shop, 1, "entry", seen("K1", 0.95))
    name(shop, 0, "K1")
    leave(shop)
    with shop.store.write() as session:
        forget_outcomes(session)
    assert outcomes(shop) == []
