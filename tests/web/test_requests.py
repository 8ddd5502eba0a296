"""Requests through the API: which variant is meant, declined ones, and what to take instead."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.outfits.alternatives import Alternative, choose
from store import Site
from tests.crossings import cross, garment


def ask(client: FlaskClient, sku: str, size: str = "") -> int:
    answer = client.post("/api/rooms/1/requests", json={"sku": sku, "size": size})
    assert answer.status_code == 201
    return int(answer.get_json()["id"])


def change(client: FlaskClient, number: int, **data: str) -> int:
    return client.post(f"/api/requests/{number}", json=data).status_code


def test_staff_read_the_number_and_shelf_of_the_size_asked_for(
    client: FlaskClient, shop: Site
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    ask(client, "T1-S", "M")
    (request,) = client.get("/api/staff").get_json()["requests"]
    price = {"amount": 14.9, "currency": "EUR", "from": False}
    assert request["variant"] == {"sku": "T1-M", "size": "M", "price": price, "shelf": "A4"}
    assert request["shelf"] == "A4"


def test_an_empty_room_asks_for_a_look_and_nothing_else(client: FlaskClient) -> None:
    refused = client.post("/api/rooms/1/requests", json={"sku": "T1-S", "size": "S"})
    assert refused.status_code == 409
    made = client.post("/api/rooms/1/requests", json={"sku": "T1-S", "size": "S", "look": True})
    assert made.status_code == 201
    room = client.get("/api/rooms/1").get_json()
    assert room["items"] == []
    assert [request["article"]["sku"] for request in room["requests"]] == ["T1-S"]
    again = client.post("/api/rooms/1/requests", json={"sku": "K1", "look": True})
    assert again.status_code == 201
    assert client.get("/api/rooms/1").get_json()["visit"] == room["visit"]


def test_without_a_size_staff_read_the_style_and_every_shelf(
    client: FlaskClient, shop: Site
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    ask(client, "T1-S")
    (request,) = client.get("/api/staff").get_json()["requests"]
    assert (request["variant"], request["shelf"]) == (None, "A3, A4")
    assert request["article"]["style"] == "T1"


def test_the_list_shows_what_was_scanned(client: FlaskClient) -> None:
    client.post("/api/rooms/1/scans", json={"code": "T1-M"})
    client.post("/api/rooms/1/scans", json={"code": "K1"})
    page = the_list(client)
    assert "T1-M" in page
    assert "T1-S" not in page
    assert page.index("T1-M") < page.index("K1")
    (item, _) = client.get("/api/rooms/1").get_json()["items"]
    assert (item["variant"]["sku"], item["variant"]["size"]) == ("T1-M", "M")


def test_the_list_names_no_size_that_nobody_knows(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    page = the_list(client)
    assert ">T1<" in page
    assert "T1-S" not in page
    assert client.get("/api/rooms/1").get_json()["items"][0]["variant"] is None


def the_list(client: FlaskClient) -> str:
    made = client.post("/api/rooms/1/list", json={}).get_json()
    return client.get(made["address"]).get_data(as_text=True)


def test_staff_correct_by_a_tag(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment(None))
    (found,) = client.get("/api/articles?q=t1-m").get_json()["articles"]
    assert found["variant"]["sku"] == "T1-M"
    item = client.get("/api/rooms/1").get_json()["items"][0]["id"]
    assert client.post(f"/api/rooms/1/items/{item}", json={"code": "T1ßM"}).status_code == 200
    (room, _) = client.get("/api/staff").get_json()["rooms"]
    assert room["items"][0]["variant"]["sku"] == "T1-M"
    assert client.post(f"/api/rooms/1/items/{item}", json={"code": "T1-X"}).status_code == 404


@pytest.mark.parametrize("reason", ["out_of_stock", "not_found", "other"])
def test_a_declined_request_is_told_with_its_reason(
    client: FlaskClient, shop: Site, reason: str
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(client, "T1-S", "M")
    assert change(client, number, state="declined", reason=reason) == 200
    assert client.get("/api/staff").get_json()["requests"] == []
    (request,) = client.get("/api/rooms/1").get_json()["requests"]
    assert (request["state"], request["reason"], request["answer"]) == ("declined", reason, "")


@pytest.mark.parametrize("data", [{"state": "declined", "reason": "no"},
                                  {"state": "done", "reason": "not_found"}])  # fmt: skip
def test_reasons_are_known_ones_of_declined_requests(
    client: FlaskClient, shop: Site, data: dict[str, str]
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    assert change(client, ask(client, "T1-S"), **data) == 400


def test_what_to_take_instead_is_in_stock_and_asked_with_one_tap(
    client: FlaskClient, shop: Site
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    number = ask(client, "T1-S", "S")
    change(client, number, state="declined", answer="The last one was sold")
    (request,) = client.get("/api/rooms/1").get_json()["requests"]
    assert request["answer"] == "The last one was sold"
    (instead,) = request["alternatives"]  # M is out of stock
    assert (instead["kind"], instead["article"]["sku"], instead["size"]) == ("colour", "T1b-S", "S")
    assert instead["article"]["colour"] == "blue"
    ask(client, instead["article"]["sku"], instead["size"])
    declined, _ = client.get("/api/rooms/1").get_json()["requests"]
    assert declined["alternatives"] == []  # it is asked for


def article(sku: str, sizes: str, *others: dict[str, Any]) -> dict[str, Any]:
    """Make a card; sizes in small letters are out of stock."""
    made = [{"size": s.upper().strip("_"), "available": s != s.lower()} for s in sizes.split()]
    return {"sku": sku, "sizes": made, "colours": list(others)}


@pytest.mark.parametrize(
    ("card", "size", "similar", "found"),
    [
        # The next size is the larger one, where there is one.
        (article("A", "S m L"), "M", [], [("size", "A", "L")]),
        (article("A", "S m l"), "M", [], [("size", "A", "S")]),
        (article("A", "XS s m l XL"), "S", [], [("size", "A", "XS")]),
        # Other colours and similar articles only where they are there in her size.
        (article("A", "s", article("B", "S"), article("C", "s M")), "S", [],
         [("colour", "B", "S")]),
        (article("A", "s"), "S", [article("X", "M"), article("Y", "S"), article("Z", "s")],
         [("similar", "Y", "S")]),
        # Without sizes too.
        ({"sku": "A", "sizes": [{"size": "", "available": False}], "colours": []}, "",
         [{"sku": "X", "sizes": [{"size": "", "available": True}]}], [("similar", "X", "")]),
        (article("A", "m"), "M", [], []),
    ],
)  # fmt: skip
def test_what_is_chosen_instead(
    card: dict[str, Any],
    size: str,
    similar: list[dict[str, Any]],
    found: list[tuple[str, str, str]],
) -> None:
    assert choose(card, size, similar, frozenset()) == [Alternative(*one) for one in found]


def test_what_was_refused_is_not_offered_again() -> None:
    card = article("A", "S m L", article("B", "M"))
    assert choose(card, "M", [], frozenset({("B", "M"), ("A", "L")})) == [
        Alternative("size", "A", "S")
    ]
