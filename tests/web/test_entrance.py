"""The screen at the entrance: which rooms are free, and who may see it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from store import Site, access, open_site
from tests.crossings import cross
from web.app import create_app
from web.server import Server


def close_doors(shop: Site) -> FlaskClient:
    """Start the shop's server with authentication."""
    settings = shop.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("open = true", "open = false"))
    return create_app(open_site(shop.folder), clock=lambda: 1000.0).test_client()


def test_it_shows_which_rooms_are_free(client: FlaskClient, shop: Site) -> None:
    cross(shop, 900, "entry", room="2")
    state = client.get("/api/entrance").json
    assert state is not None
    assert state["rooms"] == [{"room": "1", "free": True}, {"room": "2", "free": False}]
    assert (state["free_at"], state["item_limit"], state["now"]) == (None, 0, 1000.0)
    staff = client.get("/api/staff").json
    assert staff is not None
    assert staff["capacity"]["rooms"] == state["rooms"]


def test_a_screen_is_paired_with_the_entrance(shop: Site) -> None:
    screen = close_doors(shop)
    assert screen.get("/api/entrance").status_code == 401
    sent = screen.get("/entrance")
    assert (sent.status_code, sent.location) == (302, "/pair")
    assert screen.get("/pair").status_code == 200
    with shop.store.write() as session:
        [waiting] = access.waiting_screens(session, 1000.0)
        assert access.pair_screen(session, waiting.code or "", "Anna", 1000.0) == access.ENTRANCE
    assert screen.get("/pair").location == "/entrance"
    assert screen.get("/entrance").status_code == 200
    assert screen.get("/api/entrance").status_code == 200
    # What is in the rooms is not for the entrance.
    assert screen.get("/api/rooms/1").status_code == 401
    assert screen.get("/api/staff").status_code == 401


def test_the_screen_of_a_room_does_not_show_the_entrance(shop: Site) -> None:
    screen = close_doors(shop)
    screen.get("/pair/1")
    with shop.store.write() as session:
        [waiting] = access.waiting_screens(session, 1000.0)
        access.pair_screen(session, waiting.code or "", "Anna", 1000.0)
    assert screen.get("/api/rooms/1").status_code == 200
    assert screen.get("/api/entrance").status_code == 401
    assert "shows room 1" in screen.get("/pair").text


@pytest.mark.browser
def test_it_follows_the_rooms(browser: Browser, server: Server, shop: Site) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/entrance?lang=en")
    expect(page.get_by_role("heading", name="2 rooms are free")).to_be_visible()
    cross(shop, 900, "entry", room="2")
    expect(page.get_by_role("heading", name="One room is free")).to_be_visible()
    cross(shop, 901, "entry", room="1")
    expect(page.get_by_role("heading", name="All rooms are taken")).to_be_visible()
    expect(page.get_by_text("Please wait a moment.")).to_be_visible()
    page.close()
