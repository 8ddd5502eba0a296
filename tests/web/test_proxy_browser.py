"""Chromium behind the documented nginx, under a path: scripts, pictures and live pages work."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from store import Site
from tests.crossings import cross, garment
from tests.web.conftest import PROXY_NAME as NAME
from tests.web.test_proxy_servers import behind_proxy

pytestmark = pytest.mark.browser

PREFIX = "/fitting"
#: What only a loaded picture has.
LOADED = "image => image.complete && image.naturalWidth > 0"


class Watch:
    """Notes what a browser asks for outside the path, and what goes wrong."""

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        context.on("response", lambda answer: self.note(answer.url, answer.status))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))

    def note(self, url: str, status: int) -> None:
        path = urlsplit(url).path
        if url.startswith("http") and (status >= 400 or not path.startswith(f"{PREFIX}/")):
            self.faults.append(f"{status} {url}")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(ignore_https_errors=True)
    yield opened
    opened.close()


def log_in(page: Page, address: str) -> None:
    """Ask for the staff page, be led to the login and back."""
    page.goto(f"{address}/staff")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("PIN or password").fill("482915")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{address}/staff")


def test_all_pages_work_under_a_path(context: BrowserContext, shop: Site, tmp_path: Path) -> None:
    with behind_proxy("nginx", PREFIX, shop, tmp_path) as port:
        address, watch = f"https://{NAME}:{port}{PREFIX}", Watch(context)
        staff = context.new_page()
        log_in(staff, address)
        expect(staff.get_by_text("Nobody is waiting.")).to_be_visible()
        use_the_screen(context.new_page(), staff, shop, address)
        open_every_page(context.new_page(), address)
        staff.get_by_role("button", name="Log out").first.click()
        staff.wait_for_url(re.compile(f"{re.escape(address)}/login.*"))
        assert not watch.faults


def use_the_screen(screen: Page, staff: Page, shop: Site, address: str) -> None:
    """See a garment arrive, ask for a size, get the answer, and take the list along."""
    screen.goto(f"{address}/screen/1")
    cross(shop, time.time(), "entry", garment("T1-S"))
    expect(screen.get_by_role("heading", name="Crew-neck tee")).to_be_visible()
    picture = screen.locator(".item img").first
    expect(picture).to_be_visible()
    screen.wait_for_function(f"selector => ({LOADED})(document.querySelector(selector))",
                             arg=".item img")  # fmt: skip
    screen.get_by_role("button", name="Request size S").first.click()
    card = staff.locator("[data-request]")
    expect(card).to_contain_text("Crew-neck tee")
    card.get_by_role("button", name="I take it").click()
    expect(screen.get_by_text("On its way to you")).to_be_visible()
    with screen.expect_response("**/list") as answer:
        screen.get_by_role("button", name="Send list to my phone").click()
    taken = answer.value.json()["address"]
    assert taken.startswith(f"https://{NAME}{PREFIX}/list/")
    port = urlsplit(address).port
    screen.goto(taken.replace(NAME, f"{NAME}:{port}"))
    screen.wait_for_function(f"() => [...document.images].every({LOADED})")
    expect(screen.get_by_text("Crew-neck tee")).to_be_visible()


def open_every_page(page: Page, address: str) -> None:
    """Follow every link of the navigation, and open a camera's calibration."""
    page.goto(f"{address}/")
    links = page.locator("nav a").evaluate_all("links => links.map(link => link.href)")
    assert len(links) >= 6
    for link in links:
        page.goto(link)
        page.wait_for_function(f"() => [...document.images].every({LOADED})")
    page.goto(f"{address}/calibrate")
    page.get_by_role("link", name="Calibrate door").click()
    expect(page).to_have_url(re.compile(rf"{re.escape(address)}/calibrate/door"))
    expect(page.get_by_role("heading", name="Masks")).to_be_visible()
