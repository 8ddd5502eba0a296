"""What staff see of garments that did not come out, and what they do about it."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from services.retention import Housekeeper
from store import Site
from tests.crossings import cross, garment
from web.server import Server


def leave(shop: Site, room: str, start: float, *skus: str) -> None:
    cross(shop, start, "entry", *(garment(sku) for sku in skus), room=room)
    cross(shop, start + 60, "exit", room=room)


def test_the_list_is_by_room_and_bounded(client: FlaskClient, shop: Site) -> None:
    for n in range(40):
        leave(shop, "1", n * 10.0, "T1-S", "K1")
    leave(shop, "2", 500.0, "C1")
    state = client.get("/api/staff").get_json()
    assert [(group["room"], len(group["items"])) for group in state["left"]] == [
        ("2", 1),
        ("1", 59),
    ]
    assert state["left_more"] == 21
    first = state["left"][0]["items"][0]
    assert (first["opened_at"], first["closed_at"]) == (500.0, 560.0)
    items = [item["id"] for group in state["left"] for item in group["items"]]
    assert client.post("/api/left/check", json={"items": items}).get_json() == {"checked": 60}
    assert client.post("/api/left/check", json={"items": items}).get_json() == {"checked": 0}
    assert client.get("/api/staff").get_json()["left_more"] == 0


@pytest.mark.parametrize("items", [[], None, "1", [0], [-1], [True], ["1"], [2**40], [1] * 1001])
def test_only_numbers_can_be_checked_off(client: FlaskClient, items: object) -> None:
    assert client.post("/api/left/check", json={"items": items}).status_code == 400


def test_the_server_settles_them_after_three_hours(shop: Site) -> None:
    leave(shop, "1", time.time() - 4 * 3600, "T1-S")
    leave(shop, "2", time.time() - 3600, "K1")
    Housekeeper(shop).tidy()
    from web.app import create_app

    (group,) = create_app(shop).test_client().get("/api/staff").get_json()["left"]
    assert group["room"] == "2"


@pytest.mark.browser
def test_staff_check_a_garment_a_room_and_all(browser: Browser, server: Server, shop: Site) -> None:
    now = time.time()
    leave(shop, "1", now - 700, "T1-S", "K1")
    leave(shop, "1", now - 600, "B1")
    leave(shop, "2", now - 500, "C1")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.address}/staff")
    room = page.locator("[data-left='1']")
    expect(room.locator("li")).to_have_count(3)
    expect(room.locator("li").first).to_contain_text("9 min ago")
    page.get_by_role("button", name="Checked for Skirt, charcoal").click()
    expect(room.locator("li")).to_have_count(2)
    page.get_by_role("button", name="Room 2 is checked").click()
    expect(page.locator("[data-left]")).to_have_count(1)
    expect(page.get_by_role("button", name="All checked")).to_be_hidden()
    leave(shop, "2", now - 400, "C1")
    page.get_by_role("button", name="All checked").click()
    expect(page.get_by_role("heading", name="Not seen coming out")).to_be_hidden()
    page.close()


@pytest.mark.browser
def test_a_tablet_whose_clock_is_wrong_shows_the_right_times(
    browser: Browser,
    server: Server,
    shop: Site,
) -> None:
    leave(shop, "1", time.time() - 700, "T1-S")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.add_init_script("const true_now = Date.now; Date.now = () => true_now() + 5 * 3600e3;")
    page.goto(f"{server.address}/staff")
    expect(page.locator("[data-ago]")).to_have_text("10 min ago")
    page.close()


def test_staff_read_of_all_whose_garments_nobody_has_claimed(
    client: FlaskClient, shop: Site
) -> None:
    cross(shop, 900, "entry", garment("T1-S"), rooms=("1", "2"))
    cross(shop, 910, "entry", garment("K1", "skirt"), rooms=("1", "2"))
    rooms = client.get("/api/staff").get_json()["rooms"]
    waiting = [[item["sku"] for item in room["items"]] for room in rooms if not room["room"]]
    assert waiting == [["T1-S"], ["K1"]]
