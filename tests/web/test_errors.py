"""What pages and the API say when something is wrong, and what the log does not say."""

from __future__ import annotations

import http.client
import logging

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions

from store import Site
from tests.web.conftest import running_server
from web.app import create_app


@pytest.mark.parametrize("path", ["/boom/", "/api/boom/"])
def test_no_error_has_a_librarys_words(shop: Site, path: str) -> None:
    app: Flask = create_app(shop)
    app.add_url_rule(f"{path}<int:status>", "boom", lambda status: abort(status))
    client = app.test_client()
    for status in (code for code in default_exceptions if code >= 400):
        answer = client.get(f"{path}{status}")
        library = default_exceptions[status].description
        assert answer.status_code == status
        assert not library or library not in answer.text, status
        assert "spelling" not in answer.text, status


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nowhere", 404, "nothing at this address"),
        ("GET", "/api/nowhere", 404, "nothing at this address"),
        ("DELETE", "/api/staff", 405, "does not accept DELETE requests"),
        ("GET", "/screen/9", 404, "There is no room"),
    ],
)
def test_errors_say_what_is_wrong(
    client: FlaskClient, method: str, path: str, status: int, said: str
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert said in answer.text.replace("&#39;", "'")


def test_a_page_that_is_closed_is_not_in_the_log(
    shop: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with running_server(shop) as server:
        host, _, port = server.address.removeprefix("http://").partition(":")
        for _ in range(3):
            page = http.client.HTTPConnection(host, int(port), timeout=10)
            page.request("GET", "/api/staff/events")
            assert page.getresponse().status == 200
            page.close()
    assert not [r for r in caplog.records if r.name == "waitress" and r.levelno < logging.WARNING]
