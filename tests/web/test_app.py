from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from store import Site
from tests.crossings import cross, garment


def test_an_empty_room(client: FlaskClient) -> None:
    state = client.get("/api/rooms/1").get_json()
    assert state["visit"] is None
    assert state["items"] == state["outfits"] == state["requests"] == []


def test_what_was_carried_in_with_sizes_and_stock(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S", others=("T1b-S",)), garment(None, "dress", ("K1",)))
    tee, unknown = client.get("/api/rooms/1").get_json()["items"]
    article = tee["article"]
    assert article["title"] == "Crew-neck tee"
    assert article["price"] == {"amount": 14.9, "currency": "EUR", "from": False}
    assert article["sizes"] == [
        {"size": "S", "available": True}, {"size": "M", "available": False},
    ]  # fmt: skip
    assert [(c["colour"], c["sku"]) for c in article["colours"]] == [
        ("blue", "T1b-S"), ("red", "T1-S"),
    ]  # fmt: skip
    assert [c["sku"] for c in tee["candidates"]] == ["T1b-S"]
    assert unknown["article"] is None
    assert [c["sku"] for c in unknown["candidates"]] == ["K1"]
    for address in (article["picture"], article["thumbnail"]):
        with client.get(address) as picture:
            assert picture.mimetype == "image/webp"


def test_outfits_are_complete_and_in_stock(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    outfits = client.get("/api/rooms/1").get_json()["outfits"]
    assert outfits
    for outfit in outfits:
        categories = {p["category"] for p in outfit["pieces"]}
        assert {"top", "skirt"} <= categories
        assert sum(p["carried"] for p in outfit["pieces"]) == 1


def test_the_room_is_cleared_when_the_visit_ends(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    cross(shop, 2, "exit")
    assert client.get("/api/rooms/1").get_json()["items"] == []


def test_not_mine_takes_its_outfits_along(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    item = client.get("/api/rooms/1").get_json()["items"][0]["id"]
    assert client.post(f"/api/rooms/1/items/{item}", json={"mine": False}).status_code == 200
    state = client.get("/api/rooms/1").get_json()
    assert state["items"][0]["state"] == "not_mine"
    assert state["outfits"] == []


def test_a_request_and_its_answer(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    answer = client.post("/api/rooms/1/requests", json={"sku": "T1-S", "size": "M"})
    assert answer.status_code == 201
    number = answer.get_json()["id"]
    assert client.get("/api/staff").get_json()["requests"][0]["size"] == "M"
    for data in ({"state": "taken"}, {"state": "answered", "answer": "On my way"}):
        assert client.post(f"/api/requests/{number}", json=data).status_code == 200
    request = client.get("/api/rooms/1").get_json()["requests"][0]
    assert (request["state"], request["answer"]) == ("answered", "On my way")


def test_rooms_do_not_see_each_other(client: FlaskClient, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    assert client.get("/api/rooms/2").get_json()["items"] == []
    item = client.get("/api/rooms/1").get_json()["items"][0]["id"]
    assert client.post(f"/api/rooms/2/items/{item}", json={"mine": False}).status_code == 404


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/api/rooms/9/requests", {"sku": "T1-S"}, 404),
        ("/api/rooms/1/requests", {"sku": "T1-S"}, 409),  # nobody in the room
        ("/api/rooms/1/requests", {}, 409),  # nobody to come to
        ("/api/rooms/1/requests", {"sku": 5}, 400),
        ("/api/rooms/1/requests", {"sku": "T1-S", "colour": "x"}, 400),
        ("/api/rooms/1/items/1", {"mine": "no"}, 400),
        ("/api/rooms/1/items/77", {"mine": True}, 404),
        ("/api/requests/5", {"state": "taken"}, 404),
        ("/api/requests/5", {"state": "lost"}, 400),
        ("/api/requests/5", {"state": "answered"}, 400),
        ("/api/requests/5", [], 400),
    ],
)
def test_bad_input_has_one_error_shape(
    client: FlaskClient, path: str, data: object, status: int
) -> None:
    answer = client.post(path, json=data)
    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert error["status"] == status
    assert error["message"]


def test_other_sites_and_other_types_are_refused(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/api/requests/1", json={"state": "taken"}, headers=headers)
    assert answer.status_code == 403
    assert client.post("/api/requests/1", data="state=taken").status_code == 415


@pytest.mark.parametrize("path", ["/", "/screen/1", "/staff"])
def test_pages_load_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"(src|href)=.(https?:)?//", answer.text)


@pytest.mark.parametrize("path", ["/screen/9", "/nowhere"])
def test_a_wrong_address_is_a_page_that_helps(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Back to the overview" in answer.text


@pytest.mark.parametrize("path", ["/pictures/../fittingroom.toml", "/pictures/%2e%2e/x"])
def test_pictures_lead_nowhere_else(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_scanned_tag_does_what_a_camera_does(client: FlaskClient, shop: Site) -> None:
    assert client.post("/api/rooms/1/scans", json={"code": "T1-S"}).status_code == 201
    state = client.get("/api/rooms/1").get_json()
    assert [item["article"]["sku"] for item in state["items"]] == ["T1-S"]
    assert state["outfits"]
    client.post("/api/rooms/1/scans", json={"code": "T1-M"})  # the same tee, in her size
    assert len(client.get("/api/rooms/1").get_json()["items"]) == 1
    cross(shop, 1001, "entry", garment("K1"))
    assert len(client.get("/api/rooms/1").get_json()["items"]) == 2


def test_an_unknown_tag_is_told(client: FlaskClient) -> None:
    answer = client.post("/api/rooms/1/scans", json={"code": "4006381333931"})
    assert answer.status_code == 404
    assert "look at the tag once more" in answer.get_json()["error"]["message"]
    assert client.get("/api/rooms/1").get_json()["visit"] is None


def test_who_is_done_leaves_nothing_on_the_screen(client: FlaskClient) -> None:
    client.post("/api/rooms/1/scans", json={"code": "T1-S"})
    assert client.post("/api/rooms/1/leave", json={}).status_code == 200
    state = client.get("/api/rooms/1").get_json()
    assert (state["visit"], state["items"]) == (None, [])
    assert client.post("/api/rooms/1/leave", json={}).status_code == 409
