"""Who is let in: nobody by default, accounts by role, screens to their own room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from store import Site, StoreError, access, login, takealong
from tests.crossings import cross, garment
from web.access import require_permissions
from web.app import create_app
from web.login import browser_of
from web.permissions import allow, allowed_groups, has_permission, may

PIN = "482915"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(shop: Site, clock: Clock) -> Iterator[Flask]:
    web = shop.settings.web.model_copy(update={"open": False})
    closed = replace(shop, settings=shop.settings.model_copy(update={"web": web}))
    with closed.store.write() as session:
        for role in access.ROLES:
            access.add_account(session, role.title(), role, PIN, 0)
    yield create_app(closed, clock)
    closed.store.close()


def log_in(app: Flask, name: str) -> FlaskClient:
    browser = app.test_client()
    answer = browser.post("/api/login", json={"name": name, "secret": PIN})
    assert answer.status_code == 200
    return browser


def pair(app: Flask, staff: FlaskClient, room: str) -> FlaskClient:
    """Go the way a new screen goes: to its page, to the code, and in once staff say so."""
    browser = app.test_client()
    page = browser.get(f"/screen/{room}", follow_redirects=True).get_data(as_text=True)
    code = page.split('class="code" dir="ltr">')[1].split("<")[0]
    assert browser.get("/api/pairing").get_json() == {"paired": False, "valid": True}
    assert staff.post("/api/screens", json={"code": code.lower()}).get_json() == {"room": room}
    assert browser.get("/api/pairing").get_json()["paired"]
    return browser


def test_every_address_but_a_few_is_closed_to_strangers(app: Flask) -> None:
    stranger = app.test_client()
    open_to_all = set()
    for rule in app.url_map.iter_rules():
        numbers = ("number", "item")
        values: dict[str, Any] = {name: 1 if name in numbers else "1" for name in rule.arguments}
        with app.test_request_context():
            path = url_for(rule.endpoint, **values)
        for method in (rule.methods or set()) & {"GET", "POST", "DELETE"}:
            answer = stranger.open(path, method=method, json={} if method == "POST" else None)
            if answer.status_code not in (301, 302, 401) or rule.endpoint == "static":
                open_to_all.add(rule.endpoint)
            answer.close()
    assert open_to_all == {
        "static", "home.picture", "healthz.get_health", "rooms.list_page", "login.page",
        "login.log_in", "login.log_out", "screens.waiting_page", "screens.get_pairing",
        "document.get_openapi", "theme.style", "theme.logo", "theme.typeface",
    }  # fmt: skip


def test_roles_open_their_own_pages(app: Flask) -> None:
    staff, analyst, technician = (log_in(app, name) for name in ("Staff", "Analyst", "Technician"))
    assert staff.get("/staff").status_code == 200
    assert analyst.get("/staff").status_code == 403
    assert technician.get("/staff").status_code == 200


def test_every_view_says_who_may_use_it(app: Flask) -> None:
    assert [name for name, view in app.view_functions.items() if not has_permission(view)] == []


def test_a_view_that_does_not_say_is_for_technicians(app: Flask) -> None:
    app.add_url_rule("/silent", "silent", lambda: "here")
    assert allowed_groups(app.view_functions["silent"]) == ("technician",)
    assert log_in(app, "Staff").get("/silent").status_code == 403
    assert log_in(app, "Technician").get("/silent").text == "here"
    assert not may(app.view_functions, "staff", "an endpoint that there is not")


def test_an_application_with_a_view_that_does_not_say_is_not_built() -> None:
    app = Flask("web")
    app.add_url_rule("/silent", "silent", lambda: "here")
    with pytest.raises(RuntimeError, match="silent"):
        require_permissions(app)
    with pytest.raises(ValueError, match="no group 'cleaner'"):
        allow("cleaner")


def test_a_wrong_secret_or_name_is_told_alike(app: Flask) -> None:
    told = {
        app.test_client().post("/api/login", json={"name": name, "secret": "000000"}).data
        for name in ("Staff", "Nobody")
    }
    assert len(told) == 1
    assert b"Wrong name or PIN." in told.pop()


def test_guessing_is_slowed_down_for_known_and_unknown_names_alike(app: Flask) -> None:
    for name in ("Staff", "Nobody"):
        answers = [
            app.test_client().post("/api/login", json={"name": name, "secret": "000000"})
            for _ in range(7)
        ]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
        assert answers[-1].headers["Retry-After"] == "31"
        error = answers[-1].get_json()["error"]
        assert error == {"status": 429, "message": "Too many wrong tries. Try again in 31 s."}


def test_a_full_house_is_a_503(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_WAIT_S", 0.0)
    monkeypatch.setattr(login.threading.BoundedSemaphore, "acquire", lambda *_, **__: False)
    answer = app.test_client().post("/api/login", json={"name": "Staff", "secret": PIN})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Try again in a few seconds" in answer.get_json()["error"]["message"]


def test_technicians_see_what_happened_and_end_logins(app: Flask, shop: Site) -> None:
    technician, staff, other = (log_in(app, name) for name in ("Technician", "Staff", "Staff"))
    app.test_client().post("/api/login", json={"name": "staff", "secret": "000000"})
    assert staff.get("/api/access").status_code == 403
    assert staff.get("/staff/access").status_code == 403
    told = technician.get("/api/access").get_json()
    assert [login["account"] for login in told["logins"]].count("Staff") == 2
    (mine,) = [login for login in told["logins"] if login["this"]]
    assert mine["account"] == "Technician"
    newest = told["events"][0]
    assert (newest["account"], newest["outcome"]) == ("Staff", "wrong PIN or password")
    assert newest["device"] == "Werkzeug"
    page = technician.get("/staff/access").get_data(as_text=True)
    assert "wrong PIN or password" in page
    newer = max(login["id"] for login in told["logins"])
    end = f"/api/logins/{newer}/end"
    assert technician.post(end, json={"everywhere": False}).get_json() == {"ended": 1}
    assert other.get("/api/staff").status_code == 401
    assert staff.get("/api/staff").status_code == 200
    assert technician.post(end, json={"everywhere": False}).status_code == 409
    (last,) = [n["id"] for n in told["logins"] if n["account"] == "Staff" and n["id"] != newer]
    end = f"/api/logins/{last}/end"
    assert technician.post(end, json={"everywhere": True}).get_json() == {"ended": 1}
    assert staff.get("/api/staff").status_code == 401
    events = [event["event"] for event in technician.get("/api/access").get_json()["events"]]
    assert events[:2] == [
        "logged out everywhere by Technician", "logged out on Werkzeug by Technician",
    ]  # fmt: skip


def test_a_login_that_is_used_is_seen(app: Flask, clock: Clock) -> None:
    technician = log_in(app, "Technician")
    clock.now += 400
    technician.get("/staff")
    (login,) = technician.get("/api/access").get_json()["logins"]
    assert (login["since"], login["seen_at"]) == (1000, 1400)


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
         "like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
         "Firefox on Mac"),
        ("curl/8.5.0", "curl"),
        ("<script>", "unknown program"),
        ("", "unknown program"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(user_agent: str, told: str) -> None:
    assert browser_of(user_agent) == told


def test_a_login_ends(app: Flask, clock: Clock) -> None:
    staff, other = log_in(app, "Staff"), log_in(app, "Staff")
    assert staff.post("/api/logout", json={}).status_code == 200
    assert staff.get("/api/staff").status_code == 401
    assert other.get("/api/staff").status_code == 200
    clock.now += access.LOGIN_S + 1
    assert other.get("/api/staff").status_code == 401


def test_a_new_secret_logs_out(app: Flask, shop: Site) -> None:
    staff = log_in(app, "Staff")
    with shop.store.write() as session:
        access.add_account(session, "Staff", "analyst", "another secret", 5)
    assert staff.get("/api/staff").status_code == 401


def test_a_screen_shows_its_own_room_and_no_other(app: Flask, shop: Site) -> None:
    screen = pair(app, log_in(app, "Staff"), "1")
    assert screen.get("/screen/1").status_code == 200
    assert screen.get("/api/rooms/1").status_code == 200
    assert screen.get("/api/rooms/2").status_code == 401
    assert screen.post("/api/rooms/2/requests", json={}).status_code == 401
    assert screen.get("/screen/2", follow_redirects=True).status_code == 403
    assert screen.get("/staff").status_code == 302
    stolen = app.test_client()
    stolen.set_cookie("fittingroom_screen", "guessed")
    assert stolen.get("/api/rooms/1").status_code == 401


def test_a_screen_that_was_shut_out_is_out(app: Flask, shop: Site) -> None:
    staff = log_in(app, "Staff")
    screen = pair(app, staff, "1")
    with shop.store.read() as session:
        (paired,) = access.paired_screens(session)
        assert paired.paired_by == "Staff"
    assert staff.delete(f"/api/screens/{paired.id}").status_code == 200
    assert screen.get("/api/rooms/1").status_code == 401
    assert staff.delete(f"/api/screens/{paired.id}").status_code == 404


def test_a_code_expires_and_a_wrong_one_is_refused(app: Flask, clock: Clock) -> None:
    staff, browser = log_in(app, "Staff"), app.test_client()
    page = browser.get("/pair/1").get_data(as_text=True)
    code = page.split('class="code" dir="ltr">')[1].split("<")[0]
    assert staff.post("/api/screens", json={"code": "AAA AAA"}).status_code == 409
    clock.now += 16 * 60
    assert staff.post("/api/screens", json={"code": code}).status_code == 409
    assert browser.get("/api/pairing").get_json() == {"paired": False, "valid": False}


def test_who_takes_a_request_is_told_to_the_other(app: Flask, shop: Site) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    staff, technician = log_in(app, "Staff"), log_in(app, "Technician")
    number = staff.post("/api/rooms/1/requests", json={"sku": "T1-S"}).get_json()["id"]
    assert staff.post(f"/api/requests/{number}", json={"state": "taken"}).status_code == 200
    late = technician.post(f"/api/requests/{number}", json={"state": "taken"})
    assert late.status_code == 409
    assert "Staff has taken this request already" in late.get_json()["error"]["message"]


def test_login_leads_to_this_server_only(app: Flask) -> None:
    for address in ("https://example.com/", "//example.com", "/\\example.com", "staff"):
        page = app.test_client().get("/login", query_string={"next": address})
        assert 'data-next="/"' in page.get_data(as_text=True)
    page = app.test_client().get("/staff/looks", follow_redirects=True)
    assert 'data-next="/staff/looks"' in page.get_data(as_text=True)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(app: Flask) -> None:
    answer = app.test_client().post("/api/login", json={"name": "Staff", "secret": PIN})
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie


def test_a_foreign_origin_is_refused(app: Flask) -> None:
    staff = log_in(app, "Staff")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = staff.post("/api/requests/1", json={"state": "taken"}, headers=headers)
        assert answer.status_code == 403


def test_nothing_kept_opens_anything(app: Flask, shop: Site) -> None:
    """Tokens and secrets are nowhere in the database."""
    staff = log_in(app, "Staff")
    screen = pair(app, staff, "1")
    kept = Path(shop.store.engine.url.database or "").read_bytes()
    wal = shop.folder / "fittingroom.db-wal"
    kept += wal.read_bytes() if wal.exists() else b""
    for browser, name in ((staff, "fittingroom_login"), (screen, "fittingroom_screen")):
        cookie = browser.get_cookie(name)
        assert cookie is not None
        assert cookie.value.encode() not in kept
    assert PIN.encode() not in kept


def test_a_short_secret_and_an_unknown_role_are_refused(shop: Site) -> None:
    with shop.store.write() as session:
        with pytest.raises(StoreError, match="at least 6"):
            access.add_account(session, "Eve", "staff", "12345", 0)
        with pytest.raises(StoreError, match="no role 'boss'"):
            access.add_account(session, "Eve", "boss", PIN, 0)
        with pytest.raises(StoreError, match="no account 'Eve'"):
            access.remove_account(session, "Eve", 0)


def test_the_list_to_take_along_needs_no_login_and_expires(
    app: Flask, shop: Site, clock: Clock
) -> None:
    cross(shop, 1, "entry", garment("T1-S"))
    staff = log_in(app, "Staff")
    made = staff.post("/api/rooms/1/list", json={"language": "de"})
    assert made.status_code == 201
    address = made.get_json()["address"]
    assert made.get_json()["qr"].startswith("data:image/svg+xml")
    phone = app.test_client()
    page = phone.get(address).get_data(as_text=True)
    assert "Crew-neck tee" in page
    assert "14,90\xa0€" in page
    assert 'lang="de"' in page
    assert "room" not in page.lower().replace("fittingroom", "")
    clock.now += takealong.KEPT_S + 1
    assert phone.get(address).status_code == 404
    assert phone.get("/list/guess").status_code == 404
