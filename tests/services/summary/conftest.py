"""A shop after a day, a mail server and an HTTP server on this machine."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from store import Site, requests, visits
from tests.crossings import cross, garment

CLOSED = datetime(2026, 5, 29, 22, 30).timestamp()  # a Friday
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()


@pytest.fixture
def day_shop(shop: Site) -> Site:
    for number in range(6):
        start = datetime(2026, 5, 29, 12).timestamp() + 600 * number
        cross(shop, start, "entry", garment("T1-S"))
        with shop.store.write() as session:
            visit = visits.require_visit(session, "1")
            asked = requests.ask_article(session, visit, "T1-S", "M", start + 20)
            requests.change_request(session, asked, "declined", start + 50)
        cross(shop, start + 300, "exit")
    return shop


def with_summary(site: Site, **settings: Any) -> Site:
    summary = site.settings.summary.model_copy(update=settings)
    return replace(site, settings=site.settings.model_copy(update={"summary": summary}))


@dataclass
class MailServer:
    """What a mail server got; `answers` are its next answers to a message, before it accepts."""

    port: int = 0
    got: list[Message] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: Any, envelope: Envelope
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "disconnect":
            self.got.append(message_from_bytes(bytes(envelope.content or b""), policy=default))
            server.transport.close()
            return "421 gone"
        if answer.startswith("250"):
            self.got.append(message_from_bytes(bytes(envelope.content or b""), policy=default))
            self.to.append(envelope.rcpt_tos)
        return answer

    def log_in(self, _server: Any, _session: Any, _env: Any, _how: str, data: Any) -> AuthResult:
        self.users.append(data.login)
        return AuthResult(success=data.password == b"p4ss", handled=False)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def mail() -> Iterator[MailServer]:
    handler = MailServer()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=handler.log_in,
        auth_require_tls=False,
    )
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@dataclass
class HookServer:
    """What a webhook got; `answers` are its next statuses, before it accepts."""

    address: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[HookServer]:
    kept = HookServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            answer = kept.answers.pop(0) if kept.answers else 204
            self.send_response(answer)
            if 300 <= answer < 400:
                self.send_header("Location", f"{kept.address}/moved")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.address = f"http://127.0.0.1:{server.server_port}/t0ken"
    yield kept
    server.shutdown()
    server.server_close()
