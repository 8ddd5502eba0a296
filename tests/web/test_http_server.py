"""Connections: idle ones are closed before they keep others out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask, Response, send_file

from web import http_server
from web.http_server import HttpServer, bind, http_address


@contextmanager
def serving(app: Flask, live_pages: int = 4) -> Iterator[int]:
    """Serve an application; gives its port."""
    listener = bind("0.0.0.0", 0)
    port: int = listener.getsockname()[1]
    server, ending = HttpServer(app, listener, live_pages), threading.Event()
    thread = threading.Thread(target=server.serve, args=(ending,))
    thread.start()
    try:
        yield port
    finally:
        ending.set()
        thread.join(timeout=15)
        server.close()


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    app.add_url_rule("/", "index", lambda: "hello")
    return app


def connect(port: int, source: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))


def ask(connection: socket.socket) -> bytes:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while not answer.endswith(b"hello"):
        part = connection.recv(4096)
        if not part:
            break
        answer += part
    return answer


def test_files_that_are_being_sent_are_closed_with_the_server(tmp_path: Path) -> None:
    file, opened = tmp_path / "large", []
    file.write_bytes(b"x" * 20_000_000)
    app = Flask("test")

    def send() -> Response:
        opened.append(file.open("rb"))
        return send_file(opened[0], "application/octet-stream")

    app.add_url_rule("/", "send", send)
    with ExitStack() as stack:
        port = stack.enter_context(serving(app))
        # Closed after the server: the client neither reads nor leaves.
        connection = connect(port, "127.0.0.1")
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    connection.close()
    assert opened[0].closed


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX-Slow: "])
def test_idle_connections_of_one_address_leave_room_for_another(app: Flask, sent: bytes) -> None:
    with serving(app) as port, ExitStack() as stack:
        for _ in range(320):
            connection = stack.enter_context(connect(port, "127.0.0.1"))
            connection.sendall(sent)
        with connect(port, "127.0.0.2") as other:
            assert ask(other).endswith(b"hello")


def test_idle_connections_of_many_addresses_leave_room_for_another(app: Flask) -> None:
    with serving(app) as port, ExitStack() as stack:
        for number in range(320):
            stack.enter_context(connect(port, f"127.0.1.{number % 20}"))
        with connect(port, "127.0.0.2") as other:
            assert ask(other).endswith(b"hello")


def test_the_longest_idle_connection_goes_first(app: Flask) -> None:
    with serving(app) as port, ExitStack() as stack:
        some = [stack.enter_context(connect(port, "127.0.0.1")) for _ in range(33)]
        assert some[0].recv(1) == b""
        assert ask(some[1]).endswith(b"hello")


def test_a_request_that_never_ends_is_closed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_REQUEST_S", 0.2)
    with serving(app) as port, connect(port, "127.0.0.1") as slow, connect(port, "127.0.0.1") as ok:
        assert ask(ok).endswith(b"hello")
        slow.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert slow.recv(1) == b""
        assert ask(ok).endswith(b"hello"), "a connection that has asked before may wait"


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert http_address("::1", 8080) == "http://[::1]:8080"
    assert http_address("127.0.0.1", 8080) == "http://127.0.0.1:8080"
