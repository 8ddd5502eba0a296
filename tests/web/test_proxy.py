"""Behind a proxy: whom it speaks for, under which names the server answers, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, jsonify, request, url_for
from flask.testing import FlaskClient

from common.errors import SettingsError
from common.settings import WebSettings
from common.settings_file import parse_settings
from store import Site, access
from tests.crossings import cross, garment
from web.app import create_app
from web.origin import Names, add_origin_checks

PROXY, CLIENT = "10.0.0.1", "203.0.113.9"


def client_of(**settings: Any) -> FlaskClient:
    """An application that says what it sees of a request."""
    app = Flask("test")
    add_origin_checks(app, WebSettings(**settings))

    @app.route("/seen", methods=["GET", "POST"])
    def seen() -> Any:
        return jsonify(client=request.remote_addr, host=request.host, secure=request.is_secure,
                       link=url_for("seen"))  # fmt: skip

    return app.test_client()


def ask(client: FlaskClient, peer: str = PROXY, path: str = "/seen", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.get(path, headers=named, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


ALL = {"X_Forwarded_For": CLIENT, "X_Forwarded_Proto": "https",
       "X_Forwarded_Host": "rooms.example.com", "X_Forwarded_Prefix": "/fitting"}  # fmt: skip
SETTINGS = {"trusted_proxies": ("10.0.0.0/8", "::1"), "hosts": ("rooms.example.com",)}


def test_a_trusted_proxy_is_believed() -> None:
    assert ask(client_of(**SETTINGS), **ALL) == {
        "client": CLIENT, "host": "rooms.example.com", "secure": True, "link": "/fitting/seen",
    }  # fmt: skip


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::1", "", "unix"])
def test_nobody_else_is(peer: str) -> None:
    seen = ask(client_of(**SETTINGS), peer, Forwarded="for=1.2.3.4;proto=https", **ALL)
    assert seen == {"client": peer, "host": "localhost", "secure": False, "link": "/seen"}


@pytest.mark.parametrize(
    ("passed", "client"),
    [
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the first was made up
        ("203.0.113.9, 10.0.0.7", "203.0.113.9"),  # two proxies of ours
        ("6.6.6.6,203.0.113.9,10.0.0.7, 10.0.0.8", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::9]:4711", "2001:db8::9"),
        ("nonsense", PROXY),
        ("203.0.113.9, nonsense", PROXY),
        ("", PROXY),
        (", ,", PROXY),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(passed: str, client: str) -> None:
    assert ask(client_of(**SETTINGS), X_Forwarded_For=passed)["client"] == client


@pytest.mark.parametrize(
    "said", ["/fit ting", "//evil.example", "fitting", "/a?b", "/<x>", "/a/../b"]
)
def test_an_odd_prefix_or_host_is_left_out(said: str) -> None:
    seen = ask(client_of(**SETTINGS), X_Forwarded_Prefix=said, X_Forwarded_Host="a b/evil")
    assert (seen["host"], seen["link"]) == ("localhost", "/seen")


@pytest.mark.parametrize("path", ["/seen", "/fitting/seen"])
def test_a_prefix_may_be_set_and_the_proxy_may_have_taken_it_off(path: str) -> None:
    client = client_of(prefix="/fitting", **SETTINGS)
    for peer in (PROXY, "192.0.2.1"):
        assert ask(client, peer, path)["link"] == "/fitting/seen"


def post(client: FlaskClient, peer: str = PROXY, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    overrides = {"REMOTE_ADDR": peer}
    return client.post("/seen", headers=named, environ_overrides=overrides).status_code


def test_a_lost_host_does_not_refuse_the_shops_own_pages() -> None:
    lost = {"Host": "fittingroom_upstream:8080", "Origin": "https://rooms.example.com"}
    assert post(client_of(address="https://rooms.example.com", **SETTINGS), **lost) == 200
    by_address = lost | {"Host": "127.0.0.1:8080"}
    assert post(client_of(address="https://rooms.example.com"), **by_address) == 200
    assert post(client_of(**SETTINGS), **by_address) == 200
    assert post(client_of(), Sec_Fetch_Site="same-origin", **by_address) == 200
    for settings in ({}, SETTINGS, {"address": "https://rooms.example.com"}):
        for foreign in ("https://evil.example", "null", "https://rooms.example.com.evil.example"):
            headers = {"Host": "127.0.0.1:8080", "Origin": foreign}
            assert post(client_of(**settings), **headers) == 403
    assert post(client_of(**SETTINGS), peer="192.0.2.1", **by_address) == 403, "no trusted proxy"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8080", 200), ("127.0.0.1", 200), ("192.168.1.5:8080", 200),
        ("[::1]:8080", 200), ("[fd00::5]", 200), ("rooms.example.com", 200),
        ("ROOMS.example.com:443", 200), ("a.shops.example", 200), ("shops.example", 400),
        ("evil.example", 400), ("93.184.216.34", 400), ("rooms.example.com.evil.example", 400),
        ("evil.example:80@rooms.example.com", 400), ("a b", 400), ("<script>", 400),
        ("[::1", 400), ("localhost.evil.example", 400),
    ],
)  # fmt: skip
def test_the_server_answers_to_its_own_names(host: str, status: int) -> None:
    client = client_of(hosts=("rooms.example.com", ".shops.example"))
    answer = client.get("/seen", headers={"Host": host})
    assert answer.status_code == status
    assert ("web.hosts" in answer.text) == (status == 400)
    assert "<script>" not in answer.text


def test_the_machines_own_name_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.origin.socket.gethostname", lambda: "Shop-PC")
    names = Names(WebSettings(address="https://rooms.example.com/fitting"))
    for name in ("shop-pc", "shop-pc.local", "shop-pc.fritz.box", "rooms.example.com"):
        assert names.known(name)
    assert not names.known("shop-pc.evil.example")


Made = Callable[..., FlaskClient]


@pytest.fixture
def made(shop: Site) -> Made:
    def make(**settings: Any) -> FlaskClient:
        web = shop.settings.web.model_copy(update=settings)
        site = replace(shop, settings=shop.settings.model_copy(update={"web": web}))
        return create_app(site, lambda: 1000.0).test_client()

    return make


@pytest.mark.parametrize(
    ("address", "prefix", "starts"),
    [
        ("", "", "http://192.168.1.5:8080/list/"),
        ("", "/fitting", "http://192.168.1.5:8080/fitting/list/"),
        ("https://rooms.example.com", "/fitting", "https://rooms.example.com/fitting/list/"),
        ("https://rooms.example.com/fitting/", "/fitting",
         "https://rooms.example.com/fitting/list/"),
        ("https://rooms.example.com/fitting", "", "https://rooms.example.com/fitting/list/"),
    ],
)  # fmt: skip
def test_the_list_to_take_along_leads_to_the_shops_own_address(
    made: Made, shop: Site, address: str, prefix: str, starts: str
) -> None:
    cross(shop, 999.0, "entry", garment("T1-S"))
    client, headers = made(address=address, prefix=prefix), {"Host": "192.168.1.5:8080"}
    answer = client.post("/api/rooms/1/list", json={}, headers=headers)
    assert answer.get_json()["address"].startswith(starts)
    headers["Host"] = "evil.example"
    assert client.post("/api/rooms/1/list", json={}, headers=headers).status_code == 400


def test_cookies_belong_to_https_and_to_the_prefix(made: Made, shop: Site) -> None:
    with shop.store.write() as session:
        access.add_account(session, "Anna", "technician", "482915", 0)
    for proto, prefix in (("https", "/fitting"), ("http", "")):
        client = made(trusted_proxies=("127.0.0.1",))
        headers = {"X-Forwarded-Proto": proto, "X-Forwarded-Prefix": prefix,
                   "X-Forwarded-For": CLIENT}  # fmt: skip
        login = {"name": "Anna", "secret": "482915", "next": f"{prefix}/staff"}
        answer = client.post("/api/login", json=login, headers=headers)
        assert answer.get_json()["next"] == f"{prefix}/staff"
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert ("Secure" in cookie) == (proto == "https")
            assert f"Path={prefix}/" in cookie.split("; ")
        assert ("Strict-Transport-Security" in answer.headers) == (proto == "https")
        told = client.get("/api/access", headers=headers).get_json()
        assert told["events"][0]["address"] == CLIENT


def test_nothing_personal_is_kept_and_files_are(made: Made) -> None:
    client = made()
    for path in ("/", "/staff", "/screen/1", "/login", "/api/staff", "/api/rooms/1", "/list/x",
                 "/pictures/none.jpg", "/nowhere", "/insights", "/healthz"):  # fmt: skip
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    with client.get("/static/base.css") as answer:
        assert "no-store" not in answer.headers["Cache-Control"]


def test_pages_say_where_they_begin(made: Made) -> None:
    page = made(prefix="/fitting").get("/staff").text
    assert 'data-base="/fitting"' in page
    assert 'src="/fitting/static/' in page
    assert '="/static/' not in page


@pytest.mark.parametrize(
    "line",
    ['trusted_proxies = ["proxy.example"]', 'address = "rooms.example.com"', 'prefix = "fitting"',
     'address = "https://a b"', 'hosts = ["https://rooms.example.com"]', 'prefix = "/a/"'],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(line: str) -> None:
    with pytest.raises(SettingsError, match=f"web.{line.split()[0]}"):
        parse_settings(f"[web]\n{line}\n", "test")
