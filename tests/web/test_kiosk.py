"""An unattended screen: it stays awake and starts anew after it slept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from web.server import Server

pytestmark = pytest.mark.browser

FROM_CACHE = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
LOCKS = "window.locks = 0; navigator.wakeLock.request = async () => { window.locks += 1; };"


@pytest.fixture
def screen(browser: Browser, server: Server) -> Iterator[Page]:
    page = browser.new_page()
    page.add_init_script(LOCKS)
    page.clock.install()
    page.goto(f"{server.address}/screen/1")
    expect(page.get_by_role("heading", name="Welcome.")).to_be_visible()
    page.evaluate("window.before = true")
    yield page
    page.close()


def test_the_screen_stays_awake_also_after_it_was_hidden(screen: Page) -> None:
    assert screen.evaluate("window.locks") == 1
    screen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert screen.evaluate("window.locks") == 2


def test_a_page_that_slept_starts_anew(screen: Page) -> None:
    screen.clock.run_for(30_000)
    assert screen.evaluate("window.before")
    with screen.expect_event("load"):
        screen.clock.fast_forward(180_000)


def test_a_page_from_the_browsers_cache_starts_anew(screen: Page) -> None:
    with screen.expect_event("load"):
        screen.evaluate(FROM_CACHE)


def test_without_a_server_the_page_stays_until_it_answers(screen: Page) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    screen.route("**/healthz", refuse)
    with screen.expect_request("**/healthz"):
        screen.evaluate(FROM_CACHE)
    screen.clock.run_for(6_000)
    screen.wait_for_timeout(200)
    assert screen.evaluate("window.before")
    assert asked
    screen.unroute("**/healthz")
    with screen.expect_event("load"):
        screen.clock.run_for(6_000)
