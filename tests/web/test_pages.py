"""The pages in a real browser against the real server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from store import Site, looks, open_site, requests, visits
from store.catalogue import colourways_by_sku
from tests.conftest import free_port
from tests.crossings import cross, garment
from tests.web.conftest import running_server
from web.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def screen(browser: Browser, server: Server) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{server.address}/screen/1")
    yield page
    page.close()
    assert not faults


@pytest.fixture
def staff(browser: Browser, server: Server) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.address}/staff")
    yield page
    page.close()


def test_a_visit_from_entry_to_exit(screen: Page, shop: Site) -> None:
    expect(screen.get_by_role("heading", name="Welcome.")).to_be_visible()
    cross(shop, time.time(), "entry", garment("T1-S"), garment(None, "dress", ("K1",)))
    expect(screen.get_by_role("heading", name="Crew-neck tee")).to_be_visible()
    expect(screen.get_by_role("heading", name="dress", exact=True)).to_be_visible()
    expect(screen.get_by_text("€14.90").first).to_be_visible()
    expect(screen.get_by_role("button", name="Size M, out of stock")).to_be_disabled()
    expect(screen.locator(".outfit").first).to_be_visible()
    cross(shop, time.time() + 1, "exit")
    expect(screen.get_by_role("heading", name="Welcome.")).to_be_visible()
    expect(screen.locator(".item")).to_have_count(0)


def test_asking_for_a_size_and_the_answer(screen: Page, staff: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"))
    screen.get_by_role("button", name="Request size S").first.click()
    expect(screen.get_by_text("Requested – someone will be with you shortly")).to_be_visible()
    card = staff.locator("[data-request]")
    expect(card).to_contain_text("Crew-neck tee")
    expect(card).to_contain_text("Shelf A3")
    card.get_by_role("button", name="I take it").click()
    expect(screen.get_by_text("On its way to you")).to_be_visible()
    card.get_by_role("button", name="Two minutes, please").click()
    expect(screen.get_by_text("Two minutes, please")).to_be_visible()
    card.get_by_role("button", name="Done").click()
    expect(card).to_have_count(0)
    expect(staff.get_by_text("Nobody is waiting.")).to_be_visible()


def test_not_mine_and_choosing_the_right_one(screen: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S", others=("T1b-S",)))
    screen.get_by_role("button", name="Not mine").click()
    expect(screen.get_by_role("heading", name="Not yours")).to_be_visible()
    screen.get_by_role("button", name="It is Crew-neck tee, blue").click()
    expect(screen.get_by_role("button", name="blue", pressed=True)).to_be_visible()


def test_an_outfit_opens_with_its_articles(screen: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"))
    screen.locator(".outfit").first.click()
    sheet = screen.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="Skirt")).to_be_visible()
    tee = sheet.get_by_role("listitem").filter(has_text="Crew-neck tee")
    expect(tee.get_by_text("in your room")).to_be_visible()
    cross(shop, time.time() + 1, "exit")
    expect(sheet).to_be_hidden()  # the next person never sees it


def test_all_pieces_of_an_outfit_come_with_one_tap(screen: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("K1", "skirt"))
    screen.locator(".outfit").filter(has=screen.get_by_alt_text("Crew-neck tee")).first.click()
    sheet = screen.get_by_role("dialog")
    others = sheet.get_by_role("listitem").filter(has_not_text="in your room")
    count = others.count()
    assert count >= 2
    expect(sheet.get_by_role("button", name="Bring all to my room")).to_be_hidden()
    sizes = sheet.get_by_role("group", name="Crew-neck tee")
    sizes.get_by_role("button", name="Size S", exact=True).click()  # others come in one size
    expect(sizes.get_by_role("button", pressed=True)).to_have_text("S")
    sheet.get_by_role("button", name="Bring all to my room").click()
    expect(others.get_by_text("Requested", exact=True)).to_have_count(count)
    expect(sheet.get_by_role("button", name="Bring")).to_be_hidden()
    # Staff's answers show above the sheet.
    expect(sheet.get_by_text("Requested – someone").first).to_be_visible()
    with shop.store.read() as session:
        asked = {(r.colourway.sku, r.size) for r in requests.open_requests(session) if r.colourway}
    assert ("T1-S", "S") in asked
    assert len(asked) == count


def test_a_size_that_was_chosen_stays_while_the_screen_is_updated(screen: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("K1", "skirt"))
    screen.locator(".outfit").filter(has=screen.get_by_alt_text("Crew-neck tee")).first.click()
    sheet = screen.get_by_role("dialog")
    sheet.get_by_role("button", name="Size S", exact=True).first.click()
    expect(sheet.get_by_role("button", name="Size S", pressed=True)).to_be_focused()
    cross(shop, time.time() + 1, "entry", garment("C1", "coat"))
    expect(screen.locator("#items .item")).to_have_count(2)
    expect(sheet.get_by_role("button", name="Size S", pressed=True)).to_be_visible()
    sheet.get_by_role("button", name="Size S", pressed=True).click()
    expect(sheet.get_by_role("button", name="Size S", exact=True, pressed=False)).to_be_visible()


def test_the_outfit_sheet_fits_a_phone(browser: Browser, server: Server, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.address}/screen/1")
    page.locator(".outfit").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name="Close")).to_be_visible()
    wide = sheet.evaluate("sheet => [sheet.scrollWidth, sheet.clientWidth]")
    assert wide[0] <= wide[1], "buttons are cut off at its edge"
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_bar_is_the_same_on_every_page(browser: Browser, server: Server, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for path in ("/staff", "/staff/looks", "/insights", "/calibrate"):
        page.goto(f"{server.address}{path}")
        # The site is open; with accounts there is a way out beside the pages.
        page.locator("header.bar nav").evaluate(
            """nav => nav.insertAdjacentHTML(
                 "afterend", '<button class="out" type="button">Log out</button>')"""
        )
        out, links = page.locator("header.bar .out"), page.locator("header.bar nav a")
        assert out.evaluate("out => getComputedStyle(out).borderTopWidth") == "0px", path
        tops = links.evaluate_all("links => links.map(link => link.getBoundingClientRect().top)")
        assert width < 700 or len(set(tops)) == 1, f"{path}: the pages stand in two rows"
    page.close()


#: Presses keys in the field that has the focus, without what they type.
TYPE_IN_FIELD = """(keys) => keys.forEach((key) =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })))"""


def scan(page: Page, code: str, end: str = "Enter") -> None:
    """Type as fast as a scanner does, which key by key from here a busy machine may not."""
    page.evaluate(
        """(keys) => keys.forEach((key) =>
             document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })))""",
        [*code, end],
    )


def test_a_scanner_works_anywhere_on_the_page(screen: Page, shop: Site) -> None:
    expect(screen.get_by_role("heading", name="Welcome.")).to_be_visible()
    scan(screen, "T1-S")
    expect(screen.get_by_role("heading", name="Crew-neck tee")).to_be_visible()
    scan(screen, "NOPE-1")
    expect(screen.get_by_text("find tag NOPE-1")).to_be_visible()
    screen.get_by_role("button", name="Close").click()
    screen.get_by_role("button", name="Add an item").click()
    screen.get_by_label("Scan the tag").fill("K1")
    screen.get_by_role("button", name="Add", exact=True).click()
    expect(screen.locator(".item").nth(1)).to_contain_text("Skirt")
    screen.get_by_role("button", name="Finish").click()
    expect(screen.get_by_role("heading", name="Welcome.")).to_be_visible()


def test_an_outfit_that_is_not_for_her_goes(screen: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("K1"))
    count = screen.locator(".outfit").count
    expect(screen.locator(".outfit").first).to_be_visible()
    before = count()
    screen.locator(".outfit").first.click()
    screen.get_by_role("button", name="Not for me").click()
    expect(screen.locator(".outfit")).to_have_count(before - 1)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 1180), (1280, 800), (1080, 1920)])
def test_nothing_is_cut_off_sideways(screen: Page, shop: Site, width: int, height: int) -> None:
    screen.set_viewport_size({"width": width, "height": height})
    cross(shop, time.time(), "entry", garment("T1-S"), garment(None, "coat", ("C1", "K1", "B1")))
    expect(screen.locator(".item")).to_have_count(2)
    wide = screen.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    for button in screen.locator(".item button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 40
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_reconnects_when_the_server_comes_back(browser: Browser, shop: Site) -> None:
    port, page = free_port(), browser.new_page()
    with running_server(shop, port) as server:
        page.goto(f"{server.address}/screen/1")
        expect(page.locator("#connection")).to_be_hidden()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    cross(shop, time.time(), "entry", garment("T1-S"))
    with running_server(open_site(shop.folder), port):
        expect(page.get_by_role("heading", name="Crew-neck tee")).to_be_visible()
        expect(page.locator("#connection")).to_be_hidden()
        page.close()


def test_garments_wait_for_the_screen_that_claims_them(
    browser: Browser, server: Server, shop: Site
) -> None:
    screens = [browser.new_page(viewport={"width": 1080, "height": 1920}) for _ in "12"]
    for room, page in enumerate(screens, 1):
        page.goto(f"{server.address}/screen/{room}")
        expect(page.get_by_role("heading", name="Welcome.")).to_be_visible()
    now = time.time()
    cross(shop, now, "entry", garment("T1-S"), garment(None, "dress"), rooms=("1", "2"))
    for page in screens:
        expect(page.get_by_role("heading", name="Are these yours?")).to_be_visible()
        expect(page.get_by_text("Crew-neck tee")).to_be_visible()
    screens[1].get_by_role("button", name="Yes, they’re mine").click()
    expect(screens[1].get_by_role("heading", name="In your room")).to_be_visible()
    for page in screens:
        expect(page.get_by_role("heading", name="Are these yours?")).to_be_hidden()
    expect(screens[0].get_by_role("heading", name="Welcome.")).to_be_visible()
    for page in screens:
        page.close()


def test_what_is_declined_is_no_success_and_something_else_is_a_tap_away(
    screen: Page, staff: Page, shop: Site
) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"))
    wanted = screen.get_by_role("button", name="Request size S").first
    wanted.click()
    expect(wanted).to_have_class("size asked")
    card = staff.locator("[data-request]")
    expect(card).to_contain_text("T1-S")
    card.get_by_role("button", name="Not available").click()
    card.get_by_role("button", name="Out of stock").click()
    expect(card).to_have_count(0)
    row = screen.locator(".request")
    expect(row).to_contain_text("Sorry, out of stock")
    expect(row).to_have_class("request declined")
    expect(screen.get_by_role("button", name="Size S, out of stock")).to_have_class("size")
    row.get_by_role("button", name="Request Crew-neck tee, blue, size S instead").click()
    expect(row).to_contain_text("Requested – someone will be with you shortly")
    expect(row).to_have_count(1)
    expect(card).to_contain_text("T1b-S")


def test_staff_decline_in_their_own_words(screen: Page, staff: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"))
    screen.get_by_role("button", name="Ask for help").click()
    card = staff.locator("[data-request]")
    card.get_by_role("button", name="Not available").click()
    card.get_by_label("Reason in your own words").fill("We close in a minute")
    card.get_by_role("button", name="Send").click()
    expect(screen.get_by_text("We close in a minute")).to_be_visible()
    expect(screen.get_by_role("button", name="Ask for help")).to_be_enabled()
    screen.locator(".request").get_by_role("button", name="Close").click()
    expect(screen.locator(".request")).to_have_count(0)


def test_a_long_code_leaves_the_keys_in_sight(screen: Page) -> None:
    screen.get_by_role("button", name="Add an item").first.click()
    sheet = screen.get_by_role("dialog")
    sheet.get_by_label("Scan the tag").fill("WIFI:" + "x" * 900)
    sheet.get_by_role("button", name="Add", exact=True).click()
    expect(sheet.get_by_text("find tag WIFI:xxx")).to_be_visible()
    box = sheet.get_by_role("button", name="Add", exact=True).bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 1080


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (1080, 1920)])
def test_a_number_is_typed_on_the_page(screen: Page, width: int, height: int) -> None:
    screen.set_viewport_size({"width": width, "height": height})
    screen.get_by_role("button", name="Add an item").first.click()
    sheet = screen.get_by_role("dialog")
    for keys in ("17", ["Letters"], "T"):
        for key in keys:
            sheet.get_by_role("button", name=key, exact=True).click()
    field = sheet.get_by_label("Scan the tag")
    expect(field).to_have_value("17T")
    for key in ("Delete the last character", "Clear", "T", "Digits", "1", "-", "Letters", "M"):
        button = sheet.get_by_role("button", name=key, exact=True)
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["width"] >= 36
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
        button.click()
    expect(field).to_be_focused()
    sheet.get_by_role("button", name="Add", exact=True).click()
    expect(screen.locator(".item")).to_contain_text("Size M")


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_a_scan_ends_with_enter_or_tab(screen: Page, end: str) -> None:
    expect(screen.get_by_role("heading", name="Welcome.")).to_be_visible()
    scan(screen, "T1-M", end)
    expect(screen.locator(".item")).to_contain_text("Size M")


def test_a_scan_into_the_field_ends_with_tab(screen: Page) -> None:
    screen.get_by_role("button", name="Add an item").first.click()
    field = screen.get_by_label("Scan the tag")
    field.fill("T1-M")
    screen.evaluate(TYPE_IN_FIELD, [*"T1-M", "Tab"])
    expect(screen.locator(".item")).to_contain_text("Size M")
    expect(screen.get_by_role("dialog")).to_be_hidden()


def test_a_category_that_is_not_sure_is_not_named(screen: Page, staff: Page, shop: Site) -> None:
    unsure = replace(garment(None, "sweater", ("K1", "C1")), category_certain=False)
    cross(shop, time.time(), "entry", unsure)
    expect(screen.get_by_role("heading", name="A garment")).to_be_visible()
    expect(screen.get_by_text("We’re not sure what this is. Is it one of these?")).to_be_visible()
    expect(screen.get_by_text("sweater")).to_have_count(0)
    expect(staff.get_by_role("button", name="garment: correct it")).to_be_visible()


def test_buttons_of_a_card_do_not_stretch_beside_a_taller_one(screen: Page, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"), garment("K1", "skirt"), garment("C1"))
    ask = screen.locator(".item .wants button")
    expect(ask.first).to_be_visible()
    expect(screen.locator(".item")).to_have_count(3)
    # What another card needs, in many languages and with many colours.
    screen.locator(".item .about").first.evaluate("about => { about.style.height = '40rem'; }")
    heights = ask.evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert len(heights) >= 3
    assert max(heights) < 1.3 * min(heights)


@pytest.mark.browser
@pytest.mark.parametrize("welcome", ["Willkommen.", "Bienvenue\u00a0!", "Welcome."])
def test_the_welcome_of_any_language_fits_a_phone(
    browser: Browser, server: Server, welcome: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.address}/screen/1")
    heading = page.locator("#idle h1")
    expect(heading).to_be_visible()
    heading.evaluate("(h, text) => h.textContent = text", welcome)
    for part in page.locator(".idle-words > *").all():
        box = part.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.close()


def test_a_look_of_the_idle_page_can_be_asked_for(screen: Page, shop: Site) -> None:
    with shop.store.write() as session:
        keys = colourways_by_sku(session, ("T1-S", "K1", "H1"))
        looks.write_look(session, list(keys.values()), "Red day", time.time())
    poster = screen.get_by_role("button", name="Red day")
    expect(poster.get_by_text("Crew-neck tee")).to_be_visible()
    expect(poster.get_by_text("€14.90").first).to_be_visible()
    poster.click()
    sheet = screen.get_by_role("dialog")
    sheet.get_by_role("button", name="Size S", exact=True).click()
    sheet.get_by_role("button", name="Bring all to my room").click()
    expect(screen.locator("#requests .request")).to_have_count(3)
    with shop.store.read() as session:
        visit = visits.require_visit(session, "1")
        assert {r.colourway.sku for r in requests.requests_of(session, visit) if r.colourway} == {
            "T1-S", "K1", "H1",
        }  # fmt: skip
