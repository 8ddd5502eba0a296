from __future__ import annotations

import csv
import io
import logging

import pytest
from flask.testing import FlaskClient

from store import Site, requests, visits
from tests.crossings import cross, garment
from web.app import create_app

NOW = 1_780_000_000.0
PLOTS = ("days", "hours", "dwell", "delivery", "rarely", "recognised")
#: What a plot says that has nothing to show; texts are drawn, and stand beside it as a comment.
NOTHING = b"<!-- fewer than 5 visits -->"


@pytest.fixture
def client(shop: Site) -> FlaskClient:
    for number in range(8):
        start = NOW - 6000 + 600 * number
        cross(shop, start, "entry", garment("T1-S"), garment("K1", "skirt"))
        with shop.store.write() as session:
            visit = visits.require_visit(session, "1")
            asked = requests.ask_article(session, visit, "T1-S", "S", start + 20)
            requests.change_request(session, asked, "done", start + 80)
        cross(shop, start + 240, "exit")
    return create_app(shop, clock=lambda: NOW).test_client()


def test_the_page_answers_its_questions(client: FlaskClient) -> None:
    page = client.get("/insights").get_data(as_text=True)
    assert "How many visits does each day bring?" in page
    assert "<dd>8</dd>" in page
    for name in PLOTS:
        plot = client.get(f"/insights/{name}.svg")
        assert plot.mimetype == "image/svg+xml"
        assert plot.data.startswith(b"<?xml")
        assert NOTHING not in plot.data, name


def test_tables_are_csv(client: FlaskClient) -> None:
    answer = client.get("/insights/tried.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert {tuple(row.values()) for row in rows} == {
        ("T1", "Crew-neck tee", "red", "8", "0"),
        ("K1", "Skirt", "charcoal", "8", "0"),
    }
    answer = client.get("/insights/together.csv")
    (pair,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
    assert {(pair["one"], pair["one_colour"]), (pair["other"], pair["other_colour"])} == {
        ("T1", "red"), ("K1", "charcoal")}  # fmt: skip
    assert pair["visits"] == "8"


def test_days_without_enough_visits_show_nothing(client: FlaskClient) -> None:
    page = client.get("/insights?from=2020-01-01&to=2020-01-02").get_data(as_text=True)
    assert "Fewer than 5 visits" in page
    for name in PLOTS:
        plot = client.get(f"/insights/{name}.svg?from=2020-01-01&to=2020-01-02")
        assert NOTHING in plot.data, name


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/insights?from=yesterday", 400),
        ("/insights?from=2026-02-02&to=2026-02-01", 400),
        ("/insights?from=2001-01-01&to=2026-02-01", 400),
        ("/insights/people.svg", 404),
        ("/insights/people.csv", 404),
    ],
)
def test_bad_questions_are_told(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_plots_write_nothing_to_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="matplotlib"):
        for name in PLOTS:
            assert client.get(f"/insights/{name}.svg").status_code == 200
    assert not caplog.records
