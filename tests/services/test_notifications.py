"""New requests reach another program, also one that fails at first."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from common.errors import SettingsError
from common.settings_file import parse_settings
from services.notifications import Webhook
from store import Site, requests, visits
from tests.crossings import cross, garment
from tests.vision.sources.test_stream import server
from tests.waiting import wait_for
from tests.web.conftest import running_server


class Receiver(BaseHTTPRequestHandler):
    answers: ClassVar[list[int]]
    got: ClassVar[list[dict[str, Any]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.got.append(json.loads(body))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        """Answer as a page does to which an address redirects."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    Receiver.answers, Receiver.got = [503], []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_new_request_is_sent_until_it_is_taken(shop: Site, receiver: HTTPServer) -> None:
    address = f"http://127.0.0.1:{receiver.server_port}/hook"
    web = shop.settings.web.model_copy(update={"webhook": address})
    site = replace(shop, settings=shop.settings.model_copy(update={"web": web}))
    with running_server(site):
        cross(site, time.time(), "entry", garment("T1-S"))
        with site.store.write() as session:
            visit = visits.require_visit(session, "1")
            requested = requests.ask_article(session, visit, "T1-S", "M", time.time())
            called = requests.ask_person(session, visit, time.time())
        wait_for(lambda: len(Receiver.got) == 2)
    site.store.close()
    article, person = Receiver.got
    assert (article["request"], person["request"]) == (requested, called)
    assert article["text"] == "Room 1: Crew-neck tee, red, size M, T1-M, shelf A4"
    assert article["article"]["sku"] == "T1-M"
    assert (person["text"], person["article"]) == ("Room 1: somebody to come", None)


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1/t0ken",  # no valid host
        "http://127.0.0.1:port/t0ken",
        "http://127.0.0.1:1/t0ken\x00",
        f"http://{'a' * 64}.example/t0ken",  # a label that is too long
        "http://127.0.0.1:1/t0kenü",
        "mailto:t0ken",
    ],
)
def test_a_delivery_that_cannot_be_made_is_tried_again_and_logged(
    shop: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    monkeypatch.setattr("services.notifications._PAUSES_S", (0.0, 0.0))
    Webhook(shop, address)._send(7, {"text": "Room 1"})
    assert "request 7 was not sent" in caplog.text
    assert "t0ken" not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_delivers_nothing(
    shop: Site,
    receiver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    monkeypatch.setattr("services.notifications._PAUSES_S", (0.0, 0.0))
    Receiver.answers = [status] * 3
    Webhook(shop, f"http://127.0.0.1:{receiver.server_port}/hook")._send(7, {"text": "Room 1"})
    assert f"request 7 was not sent to web.webhook: HTTP Error {status}" in caplog.text


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200"])
def test_a_protocol_error_is_tried_again(
    shop: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: bytes
) -> None:
    monkeypatch.setattr("services.notifications._PAUSES_S", (0.0, 0.0))
    connections: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        connections.append(connection.recv(65536))
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    with server(talk) as port:
        Webhook(shop, f"https://127.0.0.1:{port}/hook")._send(8, {"text": "Room 1"})
        Webhook(shop, f"http://127.0.0.1:{port}/hook")._send(9, {"text": "Room 1"})
    assert len(connections) >= 4
    assert "request 8 was not sent" in caplog.text
    # A status line is an answer, whatever follows it.
    taken = answer.startswith(b"HTTP")
    assert ("request 9 was not sent" in caplog.text) != taken


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="web.webhook"):
        parse_settings('[web]\nwebhook = "file:///etc/passwd"', "test")
