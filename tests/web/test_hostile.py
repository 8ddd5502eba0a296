"""Hostile requests: whatever is sent to whichever address, the answer is a refusal in one shape."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from store import Site
from tests.crossings import cross, garment
from web.app import create_app
from web.body import parse_json

BODIES = {
    "deep list": b'{"name": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deeper than anything known": b'{"name": ' + b"[" * 20 + b"]" * 20 + b"}",
    "lone surrogate": b'{"name": "\\ud800"}',
    "lone surrogate in a key": b'{"\\udfff": 1}',
    "surrogate as UTF-8": b'{"name": "\xed\xa0\x80"}',
    "NUL": b'{"name": "a\\u0000b"}',
    "not a number": b'{"name": NaN}',
    "infinite": b'{"name": -Infinity}',
    "infinite by exponent": b'{"name": 1e999}',
    "huge": b'{"name": ' + b"9" * 4000 + b"}",
    "huger": b'{"name": ' + b"9" * 40_000 + b"}",
    "twice": b'{"name": "a", "name": "b"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "Latin-1": b'{"name": "\xe9"}',
    "byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "a list": b"[]",
    "nothing": b"",
    "cut off": b'{"name": "a',
}
VALUES = {"room": "1", "camera": "door", "number": 1, "item": 1}


@pytest.fixture
def app(shop: Site) -> Iterator[Flask]:
    cross(shop, 1.0, "entry", garment("T1-S"))
    app = create_app(shop, lambda: 1000.0)
    for limiter in app.extensions["limiter"]:
        limiter.enabled = False
    yield app
    app.extensions["calibration"].stop()


def addresses(app: Flask, method: str) -> list[str]:
    """List an address of every route that takes a method."""
    adapter = app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, {name: VALUES.get(name, "x") for name in rule.arguments})
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ())
    ]


def test_a_hostile_body_is_a_400_everywhere(app: Flask) -> None:
    client, asked = app.test_client(), addresses(app, "POST")
    assert len(asked) > 20
    for address, (sent, body) in itertools.product(asked, BODIES.items()):
        answer = client.post(address, data=body, content_type="application/json")
        assert answer.status_code == 400, (address, sent, answer.text)
        error = answer.get_json()["error"]
        assert error["status"] == 400
        assert error["message"]


TEXTS = ("%00", "a%00b", "%ED%A0%80", "%FF%FE", "%C2%B2", "9" * 5000)
QUERIES = (
    "/api/articles?q=", "/api/articles?beside=", "/api/looks?tab=", "/api/looks?start=",
    "/login?next=", "/insights?from=", "/insights?to=", "/screen/1?lang=", "/api/rooms/1?x=",
    "/api/rooms/1?",
)  # fmt: skip


def test_a_hostile_query_is_never_an_error_of_the_server(app: Flask) -> None:
    client = app.test_client()
    for address, text in itertools.product(QUERIES, TEXTS):
        answer = client.get(address + text)
        assert answer.status_code in (200, 400, 404), (address, text)
        assert answer.status_code == 400 or "%00" not in text, (address, text)


def test_a_hostile_path_is_never_an_error_of_the_server(app: Flask) -> None:
    client = app.test_client()
    rules = [rule for rule in app.url_map.iter_rules() if "<" in rule.rule]
    for rule, text in itertools.product(rules, TEXTS):
        path = re.sub("<[^>]*>", text, rule.rule)
        answer = client.get(path)
        assert answer.status_code in (302, 400, 404, 405), path
        answer.close()


@pytest.mark.parametrize("last", ["²", "-1", "9" * 19, "9" * 5000, "1.5", "+1", "1 2", "٣", "0x1"])
def test_an_event_id_that_was_never_sent_is_a_400(client: FlaskClient, last: str) -> None:
    header = last.encode().decode("latin-1")
    for address in ("/api/rooms/1/events", "/api/staff/events"):
        answer = client.get(address, headers={"Last-Event-ID": header})
        assert answer.status_code == 400
        assert answer.get_json()["error"]["status"] == 400


def test_a_hostile_cookie_is_nobody(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    for value in ("\xed\xa0\x80", "\xff", "a" * 10_000, "\x7f", '"\\777"', ""):
        names = ("login", "screen", "device")
        header = "; ".join(f"fittingroom_{name}={value}" for name in names)
        for address in ("/staff", "/api/staff", "/login", "/pair/1", "/api/pairing"):
            answer = client.get(address, headers={"Cookie": header})
            assert answer.status_code == 200, (address, value)


HEADERS = (
    "Accept-Language", "Origin", "Referer", "User-Agent", "Range", "If-Modified-Since",
    "If-None-Match", "Content-Length", "Sec-Fetch-Site", "X-Forwarded-For", "Forwarded",
)  # fmt: skip


def test_a_hostile_header_is_never_an_error_of_the_server(app: Flask) -> None:
    client = app.test_client()
    values = ("\xed\xa0\x80", "\xb2", "-1", "a" * 8000, "http://[", "bytes=-")
    for header, value in itertools.product(HEADERS, values):
        for address in ("/staff", "/static/base.css"):
            answer = client.get(address, headers={header: value})
            assert answer.status_code < 500, (header, value, address)
            answer.close()
        answer = client.post("/api/rooms/1/leave", json={}, headers={header: value})
        assert answer.status_code < 500, (header, value)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [[[1.5, -2]]]}', {"a": [[[1.5, -2]]]}),
        ('{"a": "é\\ud83d\\ude00"}'.encode(), {"a": "é😀"}),
        (b'{"a": 9007199254740991, "b": null, "c": true}',
         {"a": 2**53 - 1, "b": None, "c": True}),
    ],
)  # fmt: skip
def test_what_programs_send_is_read(raw: bytes, value: Any) -> None:
    assert parse_json(raw) == value
