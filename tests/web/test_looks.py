from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from services.outfits.lookbook import compose_book
from services.outfits.stylist import ShopStylist
from store import Site
from web.server import Server


def compose(site: Site) -> int:
    return len(compose_book(site, ShopStylist(site), time.time()).outfits)


def listed(client: FlaskClient, tab: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(f"/api/looks?tab={tab}").get_json()["looks"]
    return found


def test_a_book_uses_the_stock_and_is_composed_anew(client: FlaskClient, shop: Site) -> None:
    book = compose_book(shop, ShopStylist(shop), time.time())
    assert book.outfits
    assert 0 < book.coverage <= 1
    assert len(listed(client, "new")) == len(book.outfits)
    assert compose(shop) == len(book.outfits)
    assert len(listed(client, "new")) == len(book.outfits)


def test_kept_stays_and_dropped_does_not_come_back(client: FlaskClient, shop: Site) -> None:
    compose(shop)
    kept, *others = listed(client, "new")
    assert client.post(f"/api/looks/{kept['id']}", json={"state": "kept"}).status_code == 200
    for look in others:
        client.post(f"/api/looks/{look['id']}", json={"state": "dropped"})
    compose(shop)
    assert [look["id"] for look in listed(client, "kept")] == [kept["id"]]
    again = {tuple(sorted(p["sku"] for p in look["pieces"])) for look in listed(client, "new")}  # type: ignore[attr-defined]
    gone = {tuple(sorted(p["sku"] for p in look["pieces"])) for look in others}  # type: ignore[attr-defined]
    assert not again & gone


def test_staff_write_and_change_looks(client: FlaskClient) -> None:
    made = client.post("/api/looks", json={"skus": ["T1-S", "K1"], "title": "Friday"})
    assert made.status_code == 201
    number = made.get_json()["id"]
    client.post(f"/api/looks/{number}", json={"skus": ["T1-S", "K1", "H1"], "title": "Friday"})
    (look,) = listed(client, "kept")
    assert (look["title"], look["origin"]) == ("Friday", "staff")
    assert [p["sku"] for p in look["pieces"]] == ["T1-S", "K1", "H1"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("post", "/api/looks", {"skus": ["K1"]}, 400),
        ("post", "/api/looks", {"skus": ["K1", "NOPE"]}, 404),
        ("post", "/api/looks", {"skus": "K1"}, 400),
        ("post", "/api/looks/999", {"state": "kept"}, 404),
        ("post", "/api/looks/999", {"skus": ["K1", "H1"]}, 404),
        ("post", "/api/looks/999", {"state": "loved"}, 400),
        ("get", "/api/looks?tab=all", None, 400),
        ("get", "/api/looks?start=-1", None, 400),
        ("get", "/api/articles", None, 400),
        ("get", "/api/articles?beside=NOPE", None, 404),
    ],
)
def test_bad_input_is_one_clear_error(
    client: FlaskClient, method: str, address: str, body: dict[str, object] | None, status: int
) -> None:
    answer = client.post(address, json=body) if method == "post" else client.get(address)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]


def test_articles_are_found_by_words_sku_and_what_they_go_with(client: FlaskClient) -> None:
    def skus(query: str) -> list[str]:
        found = client.get(f"/api/articles?{query}").get_json()["articles"]
        return [article["sku"] for article in found]

    assert skus("q=wool") == ["C1"]
    assert skus("q=T1-M") == ["T1-S"]
    assert skus("q=tee+blue") == ["T1b-S"]
    beside = skus("beside=T1-S")
    assert {"K1", "H1"} <= set(beside)
    assert "T1b-S" not in beside


@pytest.mark.browser
def test_the_look_book_on_a_phone(browser: Browser, server: Server, shop: Site) -> None:
    compose(shop)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{server.address}/staff/looks")
    expect(page.locator("[data-look]").first).to_be_visible()
    page.get_by_role("button", name="Keep").first.click()
    page.get_by_role("tab", name="Kept").click()
    expect(page.locator("[data-look]")).to_have_count(1)
    page.get_by_role("button", name="New look").click()
    page.get_by_label("Add an article").fill("wool")
    page.get_by_role("button", name="Add Wool coat").click()
    expect(page.get_by_text("Goes well with this")).to_be_visible()
    page.get_by_role("button", name="Add Boots").click()
    page.get_by_label("Name (optional)").fill("Rainy day")
    page.get_by_role("button", name="Save and keep").click()
    expect(page.get_by_role("heading", name="Rainy day")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
    assert not faults
