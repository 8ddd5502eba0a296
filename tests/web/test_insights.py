from __future__ import annotations

import csv
import io
import json
import logging
import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from store import Site, requests, visits
from tests.crossings import cross, garment
from tests.web.conftest import running_server
from web.app import create_app

NOW = 1_780_000_000.0
PLOTS = ("days", "weekdays", "hours", "stays", "service", "recognised")
#: What a plot says that has nothing to show; texts are drawn, and stand beside it as a comment.
NOTHING = b"<!-- fewer than 5 values -->"


@pytest.fixture
def client(shop: Site) -> FlaskClient:
    for number in range(12):
        start = NOW - 8400 + 600 * number
        cross(shop, start, "entry", garment("T1-S"), garment("K1", "skirt"))
        with shop.store.write() as session:
            visit = visits.require_visit(session, "1")
            asked = requests.ask_article(session, visit, "T1-S", "S", start + 20)
            requests.change_request(session, asked, "done", start + 80)
        cross(shop, start + 240, "exit")
    return create_app(shop, clock=lambda: NOW).test_client()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_has_to_be_moved_sideways(shop: Site, browser: Browser, scheme: str) -> None:
    now = time.time()
    for number in range(12):
        cross(shop, now - 8400 + 600 * number, "entry", garment("T1-S"), garment("K1", "skirt"))
        cross(shop, now - 8400 + 600 * number + 240, "exit")
    with running_server(shop) as server:
        for width in (390, 1280):
            page = browser.new_page(
                viewport={"width": width, "height": 844},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page.goto(f"{server.address}/insights")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") == width
            plot = page.locator(".plots img").first
            plot.scroll_into_view_if_needed()
            page.wait_for_function(
                "e => e.complete && e.naturalWidth > 0", arg=plot.element_handle()
            )
            chosen = plot.evaluate("e => e.currentSrc")
            assert ("narrow=1" in chosen) == (width == 390)
            assert ("dark=1" in chosen) == (scheme == "dark")
            page.close()


def rows(client: FlaskClient, name: str, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/insights/{name}.csv{query}")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_the_page_answers_its_questions(client: FlaskClient) -> None:
    page = client.get("/insights").get_data(as_text=True)
    assert "How many visits does each day bring?" in page
    assert "Crew-neck tee, red" in page
    assert "No sales were imported" in page
    for name in PLOTS:
        for look in ("", "?narrow=1", "?dark=1", "?narrow=1&dark=1"):
            plot = client.get(f"/insights/{name}.svg{look}")
            assert plot.mimetype == "image/svg+xml"
            assert plot.data.startswith(b"<?xml")
            assert NOTHING not in plot.data, name


def test_tables_are_csv_and_json(client: FlaskClient) -> None:
    found = {(r["article_number"], r["article_colour"]): r["visits"] for r in rows(client, "tried")}
    assert found == {("T1", "red"): "12", ("K1", "charcoal"): "12"}
    (pair,) = rows(client, "together")
    assert {pair["article_number"], pair["other_number"]} == {"T1", "K1"}
    assert pair["visits"] == "12"
    answer = client.get("/insights/rooms.json")
    assert answer.mimetype == "application/json"
    (room,) = json.loads(answer.data)
    assert (room["name"], room["requests"], room["delivery_s"]["value"]) == ("1", 12, 60.0)
    assert room["conversion"] is None  # no sale is known


def test_days_have_their_reason(client: FlaskClient, shop: Site) -> None:
    states = {row["name"]: row["state"] for row in rows(client, "days")}
    assert list(states.values()).count("open") == 1
    assert states["2026-05-24"] == "not recorded"
    with_hours = shop.settings.shop.model_copy(update={"opening_hours": "Mo-Fr 10:00-20:00"})
    site = replace(shop, settings=shop.settings.model_copy(update={"shop": with_hours}))
    client = create_app(site, clock=lambda: NOW).test_client()
    states = {row["name"]: row["state"] for row in rows(client, "days")}
    assert states["2026-05-24"] == "closed"  # a Sunday
    site.store.close()


def test_days_without_enough_visits_show_nothing(client: FlaskClient) -> None:
    query = "?from=2020-01-01&to=2020-01-02"
    page = client.get(f"/insights{query}").get_data(as_text=True)
    assert "Fewer than 5 visits" in page
    for name in PLOTS:
        assert NOTHING in client.get(f"/insights/{name}.svg{query}").data, name
    assert rows(client, "tried", query) == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/insights?from=yesterday", 400),
        ("/insights?from=2026-02-02&to=2026-02-01", 400),
        ("/insights?from=2001-01-01&to=2026-02-01", 400),
        ("/insights?from=0001-01-01&to=0001-01-02", 400),
        ("/insights?from=9999-12-30&to=9999-12-31", 400),
        ("/insights/people.svg", 404),
        ("/insights/people.csv", 404),
        ("/insights/people.json", 404),
    ],
)
def test_a_bad_question_has_a_clear_answer(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_plots_write_nothing_to_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="matplotlib"):
        for name in PLOTS:
            assert client.get(f"/insights/{name}.svg").status_code == 200
    assert not caplog.records
