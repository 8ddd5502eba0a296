"""What each role is led to: its pages and no other, wherever it came in."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemLoader

import web
from store import Site, access
from tests.web.test_access import PIN, Clock, app, clock, log_in  # noqa: F401
from web.app import create_app
from web.navigation import entries
from web.permissions import may

FIRST = {"staff": "/staff", "technician": "/staff", "analyst": "/insights"}
ADDRESSES = ("/", "/staff", "/staff/looks", "/staff/screens", "/insights", "/calibrate",
             "/calibrate/door", "/nowhere")  # fmt: skip


def links(page: str) -> set[str]:
    found = re.findall(r'<a [^>]*href="([^"]+)"', page)
    return {link for link in found if not link.endswith((".csv", ".pdf"))}


@pytest.mark.parametrize("role", access.ROLES)
def test_every_link_that_a_role_is_shown_can_be_followed(app: Flask, role: str) -> None:  # noqa: F811
    browser = log_in(app, role.title())
    for address in ADDRESSES:
        page = browser.get(address)
        assert page.status_code in (200, 403, 404)
        assert 'id="logout"' in page.text, "out of every page, refused ones too"
        assert FIRST[role] in links(page.text)
        for link in links(page.text):
            assert browser.get(link).status_code == 200, (address, link)
        if page.status_code == 200 and address != "/":
            (current,) = re.findall(r'href="([^"]+)" aria-current="page"', page.text)
            assert address.startswith(current)
        shown = re.findall(r"<nav.*?</nav>", page.text, re.DOTALL)[0]
        views = app.view_functions
        named = re.findall(r">([^<]+)</a>", shown)
        assert named == [e.name for e in entries(app) if may(views, role, e.endpoint)]


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page of `docs/how-to/add.md`, its two files in a folder that `web` also looks in."""
    text = (Path(web.__file__).parents[1] / "docs/how-to/add.md").read_text(encoding="utf-8")
    for language, name in (("python", "web/stock.py"), ("html", "web/templates/stock.html")):
        (block,) = re.findall(rf"```{language}\n([^\n]*{name}.*?)```", text, re.DOTALL)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(block, encoding="utf-8")
    monkeypatch.setattr(web, "__path__", [*web.__path__, str(tmp_path / "web")])
    yield tmp_path / "web" / "templates"
    sys.modules.pop("web.stock", None)
    vars(web).pop("stock", None)


def test_a_page_is_added_by_a_module_and_a_template(added: Path, app: Flask) -> None:  # noqa: F811
    assert isinstance(app.jinja_loader, FileSystemLoader)
    app.jinja_loader.searchpath.append(str(added))
    names = [entry.name for entry in entries(app)]
    assert names == ["Requests", "Look book", "Screens", "Insights", "Stock", "Cameras", "Access"]
    page = log_in(app, "Staff").get("/stock")
    assert "6 colours in the catalogue." in page.text
    assert 'href="/stock" aria-current="page"' in page.text
    assert log_in(app, "Analyst").get("/stock").status_code == 403
    assert app.test_client().get("/stock").location == "/login?next=/stock"


#: Addresses that a login may be asked to lead to, and for whom it does.
WANTED = {
    "/insights?from=1970-01-01": ("technician", "analyst"),
    "/staff/looks": ("staff", "technician"),
    "/calibrate/door": ("technician",),
    "/api/staff": (),
    "/nowhere": (),
    "/": (),
    "https://example.com/staff": (),
    "//example.com/staff": (),
    "//[": (),
    "/\\example.com": (),
}


@pytest.mark.parametrize("role", access.ROLES)
def test_a_login_leads_to_a_page_for_this_account(app: Flask, role: str) -> None:  # noqa: F811
    data = {"name": role.title(), "secret": PIN, "next": "/insights"}
    browser = app.test_client()
    goes_to = browser.post("/api/login", json=data).get_json()["next"]
    assert goes_to == (FIRST[role] if role == "staff" else "/insights")
    for wanted, for_whom in WANTED.items():
        again = browser.get("/login", query_string={"next": wanted})
        assert again.status_code == 302
        assert again.location == (wanted if role in for_whom else FIRST[role]), wanted
        assert browser.get(again.location).status_code == 200


def test_who_is_not_logged_in_comes_back_to_what_was_asked_for(app: Flask) -> None:  # noqa: F811
    answer = app.test_client().get("/insights?from=2026-01-01&to=2026-01-05")
    assert answer.location == "/login?next=/insights?from%3D2026-01-01%26to%3D2026-01-05"
    stranger = app.test_client().get("/nowhere").text
    assert 'id="logout"' not in stranger
    assert links(stranger) == {"/"}


def test_an_open_site_shows_all_pages_and_no_way_out(shop: Site) -> None:
    anybody = create_app(shop).test_client()
    for address in ADDRESSES:
        page = anybody.get(address).text
        pages = {"/staff", "/staff/looks", "/staff/screens", "/insights", "/calibrate"}
        assert pages <= links(page)
        assert 'id="logout"' not in page
