from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from common.languages import LANGUAGES
from models.manifest import WEIGHTS
from models.stylist import Reason
from models.stylist.bandit import FEATURES
from services.outfits import recommend
from services.outfits.reasons import say_why
from services.outfits.recommend import Recommendation, Recommender, judge_rankings
from services.outfits.stylist import ShopStylist
from store import Site, visits
from store.feedback import Outcome
from store.schema import Feedback, Variant, VisitItem
from tests.crossings import cross, garment


def outfits(client: FlaskClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get("/api/rooms/1").get_json()["outfits"]
    return found


def kinds(site: Site) -> list[tuple[str, str]]:
    with site.store.read() as session:
        rows = session.execute(select(Feedback.kind, Feedback.outfit).order_by(Feedback.id))
        return [(row.kind, row.outfit) for row in rows]


def test_suggestions_stay_while_nothing_changes(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1"))
    before = outfits(client)
    assert before
    assert outfits(client) == before


def for_room(recommender: Recommender, site: Site, room: str) -> list[Recommendation]:
    with site.store.read() as session:
        visit = visits.require_visit(session, room)
        return recommender.for_visit(session, visit.id, visit.items)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event, list[int]]:
    """Let the first outfits that are composed wait: begun, go on, how many were composed."""
    begun, go_on, calls = threading.Event(), threading.Event(), list[int]()
    compose = recommend.compose

    def wait_first(*given: Any) -> Any:
        calls.append(len(calls))
        if len(calls) == 1:
            begun.set()
            assert go_on.wait(30)
        return compose(*given)

    monkeypatch.setattr(recommend, "compose", wait_first)
    return begun, go_on, calls


def test_no_room_waits_for_the_outfits_of_another(
    shop: Site, slow: tuple[threading.Event, threading.Event, list[int]]
) -> None:
    begun, go_on, _ = slow
    for room in ("1", "2"):
        cross(shop, 1, "entry", garment("K1"), room=room)
    recommender = Recommender(shop, lambda: 1000.0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(for_room, recommender, shop, "1")
        assert begun.wait(30)
        try:
            assert pool.submit(for_room, recommender, shop, "2").result(30)
            assert not first.done()
        finally:
            go_on.set()
        assert first.result(30)


def test_a_room_that_is_asked_for_twice_is_composed_once(
    shop: Site, slow: tuple[threading.Event, threading.Event, list[int]]
) -> None:
    begun, go_on, calls = slow
    cross(shop, 1, "entry", garment("K1"))
    recommender = Recommender(shop, lambda: 1000.0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(for_room, recommender, shop, "1")
        assert begun.wait(30)
        second = pool.submit(for_room, recommender, shop, "1")
        go_on.set()
        assert second.result(30) is first.result(30)
    assert len(calls) == 1


def test_what_is_sold_out_is_not_suggested(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1"))
    with shop.store.write() as session:
        for variant in session.scalars(select(Variant).where(Variant.sku.in_(["H1", "B1"]))):
            variant.stock.available = False
        cross_catalogue(session)
    pieces = {p["sku"] for o in outfits(client) for p in o["pieces"]}  # type: ignore[attr-defined]
    assert pieces
    assert not pieces & {"H1", "B1"}


def cross_catalogue(session: object) -> None:
    from store import journal

    journal.append(session, 2.0, "catalogue.changed", "", {})  # type: ignore[arg-type]


def test_her_size_once_a_tag_was_scanned(client: FlaskClient, shop: Site) -> None:
    client.post("/api/rooms/1/scans", json={"code": "T1-M"})
    with shop.store.read() as session:
        assert session.scalars(select(VisitItem)).one().size == "M"
        state = ShopStylist(shop).state(session)
    free, hers = state.available([]), state.available(["M"])
    # The red tee in M is sold out; the blue one is not made in M, so M says nothing of it.
    gone = {sku for sku, a, b in zip(state.inventory.skus, free, hers, strict=True) if a and not b}
    assert gone == {"T1-S"}


def test_what_a_shopper_does_is_noted(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1"))
    first = outfits(client)[0]["id"]
    seen = client.post("/api/rooms/1/outfits", json={"shown": [first, "1-99"]})
    assert seen.status_code == 200
    client.post("/api/rooms/1/outfits", json={"outfit": first, "kind": "opened"})
    assert kinds(shop) == [("shown", first), ("opened", first)]
    with shop.store.read() as session:
        shown = session.scalars(select(Feedback)).first()
        assert shown is not None
        assert len(shown.features) == FEATURES
        assert 0 < shown.propensity <= 1


def test_what_she_does_not_want_is_gone_for_this_visit(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("K1"))
    first, *others = [outfit["id"] for outfit in outfits(client)]
    client.post("/api/rooms/1/outfits", json={"shown": [first]})
    client.post("/api/rooms/1/outfits", json={"outfit": first, "kind": "dropped"})
    assert [outfit["id"] for outfit in outfits(client)] == others


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"shown": "1-2"}, 400),
        ({"outfit": "1-2", "kind": "bought"}, 400),
        ({"outfit": "1-2"}, 400),
        ({"else": 1}, 400),
    ],
)
def test_nonsense_is_refused(
    client: FlaskClient, shop: Site, body: dict[str, object], status: int
) -> None:
    cross(shop, 1, "entry", garment("K1"))
    answer = client.post("/api/rooms/1/outfits", json=body)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]


def test_nothing_is_noted_in_an_empty_room(client: FlaskClient) -> None:
    assert client.post("/api/rooms/1/outfits", json={"shown": []}).status_code == 409


def test_similar_articles_are_of_the_category_and_not_carried(
    client: FlaskClient, shop: Site
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    # The blue tee is a colourway of the same style, which the item itself tells.
    assert client.get("/api/rooms/1").get_json()["similar"] == []


def test_without_a_stylist_that_fits_the_garments_are_still_shown(
    client: FlaskClient, shop: Site
) -> None:
    own = shop.folder / "stylist"
    shutil.copytree(WEIGHTS, own)
    manifest = json.loads((own / "manifest.json").read_text())
    manifest["stylist"]["embedder"] = "another"
    (own / "manifest.json").write_text(json.dumps(manifest))
    cross(shop, 1, "entry", garment("K1"))
    state = client.get("/api/rooms/1").get_json()
    assert len(state["items"]) == 1
    assert state["outfits"] == state["similar"] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["look", "tone", "contrast", "accent", "colours", "style"])
def test_every_reason_can_be_said(language: str, kind: str) -> None:
    said = say_why(Reason(kind, 1, 2), {1: "Skirt", 2: "Boots"}, language=language)
    assert "Skirt" in said
    assert "Boots" in said


def test_a_reason_for_an_unknown_garment() -> None:
    assert say_why(Reason("tone", None, 2), {2: "Boots"}, "your dress").startswith("your dress")


def test_rankings_are_judged_on_the_log() -> None:
    # Shown in any order, liked is what the stylist had in the middle.
    rest = (0.0,) * (FEATURES - 3)
    rows = [
        Outcome(visit, f"{visit}-{n}", (n + visit) % 3, 0.7, (1.0, 1.0 - n, *rest, float(n == 1)),
                float(n == 1))
        for visit in range(42) for n in range(3)
    ]  # fmt: skip
    told = judge_rankings(rows)
    assert told["visits"] == 42
    assert told["learned order"]["value"] > told["stylist's order"]["value"]
    assert told["learned order"]["value"] > told["as shown"]["value"]
    assert judge_rankings([]) == {"visits": 0, "shown": 0, "reactions": 0}
