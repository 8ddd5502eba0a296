"""Every page as axe-core sees it: contrast, names, roles, target sizes, order of headings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from store import Site, access, audit, looks, requests, visits
from tests.crossings import cross, garment
from web.server import Server

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


def check(page: Page) -> None:
    """Look at a page in both colour schemes, as axe-core and as `contrast.js` see it."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        # What fades in has less contrast while it does.
        page.evaluate("Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)))")
        found = Axe().run(page, options=OPTIONS)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
        assert page.evaluate(CONTRAST) == [], scheme


def idle(page: Page, _shop: Site) -> None:
    expect(page.get_by_role("heading", name="Welcome.")).to_be_visible()


def visit(page: Page, shop: Site) -> None:
    things = (garment("T1-S"), garment(None, "dress", ("K1",)))
    cross(shop, time.time(), "entry", *things)
    expect(page.locator(".outfit").first).to_be_visible()


def outfit(page: Page, shop: Site) -> None:
    visit(page, shop)
    page.locator(".outfit").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def asked(page: Page, shop: Site) -> None:
    visit(page, shop)
    page.get_by_role("button", name="Request size S").first.click()
    expect(page.get_by_text("Requested – someone will be with you shortly")).to_be_visible()


def waiting(page: Page, shop: Site) -> None:
    garments = garment("T1-S"), garment(None, "dress")
    cross(shop, time.time(), "entry", *garments, rooms=("1", "2"))
    expect(page.get_by_role("heading", name="Are these yours?")).to_be_visible()


def arabic(page: Page, shop: Site) -> None:
    visit(page, shop)
    page.locator("#language").click()
    page.locator("button[lang=ar]").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


@pytest.mark.parametrize("state", [idle, waiting, visit, outfit, asked, arabic])
def test_the_screen(
    browser: Browser,
    server: Server,
    shop: Site,
    state: Callable[[Page, Site], None],
) -> None:
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(f"{server.address}/screen/1")
    state(page, shop)
    check(page)
    page.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/pair/1",
        "/staff",
        "/staff/looks",
        "/staff/screens",
        "/staff/access",
        "/insights",
        "/nowhere",
        "/calibrate",
        "/calibrate/door",
    ],
)
def test_the_other_pages(browser: Browser, server: Server, shop: Site, path: str) -> None:
    for n in range(6):
        cross(shop, time.time() - 900 + n, "entry", garment("T1-S"))
        cross(shop, time.time() - 800 + n, "exit")
    cross(shop, time.time(), "entry", garment("T1-S"), garment(None, "dress", ("K1",)))
    with shop.store.write() as session:
        visit = visits.require_visit(session, "1")
        requests.ask_article(session, visit, "T1-S", "S", time.time())
        requests.ask_person(session, visit, time.time())
        (taken, *_) = requests.open_requests(session)
        requests.change_request(session, taken.id, "taken", time.time(), "", "Anna")
        looks.write_look(session, [1, 2], "Sunday", time.time())
        access.add_account(session, "Anna", "staff", "482915", time.time())
        anna = access.find_account(session, "Anna")
        assert anna
        access.log_in(session, anna.id, time.time(), "192.0.2.1", "Chrome on Android")
        audit.note(session, time.time(), "login", "wrong PIN or password", "Anna", "192.0.2.1")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(server.address + path)
    page.wait_for_timeout(500)
    check(page)
    page.close()


def test_correcting_a_match_on_the_staff_page(
    browser: Browser,
    server: Server,
    shop: Site,
) -> None:
    cross(shop, time.time(), "entry", garment("T1-S", others=("T1b-S",)))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.address}/staff")
    page.get_by_role("button", name="Crew-neck tee: correct it").click()
    check(page)
    page.get_by_label("Another article").fill("skirt")
    page.get_by_role("button", name="It is Skirt").click()
    expect(page.get_by_role("button", name="Skirt: correct it")).to_be_visible()
    page.get_by_role("button", name="Skirt: correct it").click()
    page.get_by_role("button", name="None of the shop’s").click()
    expect(page.get_by_role("button", name="Skirt: correct it")).to_have_count(0)
    page.close()
