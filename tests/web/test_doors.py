"""Getting in, as people do it in a browser: a PIN, a code on a screen, two phones, a guest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from store import Site, access
from tests.crossings import cross, garment
from tests.web.conftest import running_server
from web.server import Server

pytestmark = pytest.mark.browser

PIN = "482915"


@pytest.fixture
def server(shop: Site) -> Iterator[Server]:
    """A server with doors."""
    web = shop.settings.web.model_copy(update={"open": False})
    site = replace(shop, settings=shop.settings.model_copy(update={"web": web}))
    with site.store.write() as session:
        for name in ("Anna", "Bert"):
            access.add_account(session, name, "staff", PIN, time.time())
    with running_server(site) as running:
        yield running
    site.store.close()


@pytest.fixture
def people(browser: Browser) -> Iterator[list[BrowserContext]]:
    contexts = [browser.new_context(viewport={"width": 390, "height": 844}) for _ in range(3)]
    yield contexts
    for context in contexts:
        context.close()


def log_in(context: BrowserContext, server: Server, name: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.address}/staff")
    expect(page).to_have_url(f"{server.address}/login?next=/staff")
    page.locator("#name").fill(name)
    page.locator("#secret").fill(PIN)
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Requests")).to_be_visible()
    return page


def let_in(screen: Page, staff: Page, server: Server, room: str) -> None:
    screen.goto(f"{server.address}/screen/{room}")
    code = screen.locator(".code").inner_text()
    staff.goto(f"{server.address}/staff/screens")
    staff.locator("#code").fill(code)
    staff.get_by_role("button", name="Pair screen").click()
    expect(screen.get_by_role("heading", name="Welcome.")).to_be_visible()


def visited_screen(people: list[BrowserContext], server: Server, shop: Site) -> Page:
    screen = people[1].new_page()
    let_in(screen, log_in(people[0], server, "Anna"), server, "1")
    cross(shop, time.time(), "entry", garment("T1-S"))
    return screen


def test_two_phones_one_request_and_a_room_of_ones_own(
    people: list[BrowserContext], server: Server, shop: Site
) -> None:
    anna, bert = log_in(people[0], server, "Anna"), log_in(people[1], server, "Bert")
    screen = people[2].new_page()
    let_in(screen, anna, server, "1")
    anna.goto(f"{server.address}/staff")
    cross(shop, time.time(), "entry", garment("T1-S"))
    screen.get_by_role("button", name="Request size S").first.click()
    expect(bert.locator("[data-request]")).to_be_visible()
    # Bert's page is as it was when both saw the request; Anna is quicker.
    anna.get_by_role("button", name="I take it").click()
    expect(bert.get_by_text("Anna has it.")).to_be_visible()
    number = bert.locator("[data-request]").get_attribute("data-request")
    late = bert.request.post(f"{server.address}/api/requests/{number}", data={"state": "taken"})
    assert late.status == 409
    assert "Anna has taken" in late.json()["error"]["message"]
    for path in ("/api/rooms/2", "/api/staff", "/api/rooms/2/events"):
        assert screen.request.get(server.address + path).status == 401
    other = screen.request.get(f"{server.address}/screen/2")
    assert other.status == 403
    assert "room 1" in other.text()


def test_her_list_goes_along_and_tells_nothing_of_the_room(
    people: list[BrowserContext], server: Server, shop: Site
) -> None:
    screen = visited_screen(people, server, shop)
    with screen.expect_response("**/list") as answer:
        screen.get_by_role("button", name="Send list to my phone").click()
    expect(screen.get_by_role("dialog").get_by_role("img")).to_be_visible()
    phone = people[2].new_page()
    phone.goto(answer.value.json()["address"])
    expect(phone.get_by_text("Crew-neck tee").first).to_be_visible()
    assert "Room" not in phone.locator("body").inner_text()


def test_the_language_is_hers_alone_and_arabic_runs_from_the_right(
    people: list[BrowserContext], server: Server, shop: Site
) -> None:
    screen = visited_screen(people, server, shop)
    expect(screen.get_by_role("heading", name="Crew-neck tee")).to_be_visible()
    screen.locator("#language").click()
    screen.locator("button[lang=ar]").click()
    expect(screen.locator("html")).to_have_attribute("dir", "rtl")
    title = screen.locator("#with-you").inner_text()
    assert any("\u0600" <= letter <= "\u06ff" for letter in title)
    tile, about = screen.locator(".tile").first, screen.locator(".about").first
    where, beside = tile.bounding_box(), about.bounding_box()
    assert where
    assert beside
    assert where["x"] >= beside["x"]  # beneath each other on a phone, else the picture on the right
    assert screen.evaluate("document.documentElement.scrollWidth") <= 390
