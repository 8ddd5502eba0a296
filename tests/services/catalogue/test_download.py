"""Downloads from a server of this machine that answers well, badly and by redirects."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from services.catalogue.download import Limits, PictureError, download

BODY = b"picture" * 1000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        path = self.path
        self.close_connection = True
        if path.startswith("/to/"):
            self.redirect(unquote(path.removeprefix("/to/")))
        elif path == "/loop":
            self.redirect("/loop")
        elif path == "/badstatus":
            self.wfile.write(b"HTTP/1.1 2x0 OOPS\r\n\r\n")
        elif path == "/short":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nabc")
        elif path == "/chunks":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
        elif path == "/drip":
            self.drip(b"", b"X: y\r\n")
        elif path == "/drip-body":
            self.drip(b"Connection: close\r\n\r\n", b"x")
        elif path in ("/my%20picture.jpg", "/gr%C3%BCn.jpg?x=1", "/%20quoted"):
            self.body(BODY)
        else:
            self.send_error(404)

    def drip(self, start: bytes, piece: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + start)
        while not self.server.ended.wait(0.05):  # type: ignore[attr-defined]
            self.wfile.write(piece)

    def redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def body(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.ended = threading.Event()  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.ended.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.mark.parametrize("path", ["/my picture.jpg", "/grün.jpg?x=1", "/%20quoted"])
def test_addresses_are_quoted_where_they_must_be(address: str, path: str) -> None:
    assert download(address + path, Limits()) == BODY


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/none", "answered 404"),
        ("/badstatus", "not answer as HTTP"),
        ("/short", "broke off"),
        ("/chunks", "broke off"),
        ("/to/ftp://x.example/a.jpg", "only http and https"),
        ("/to/file:///etc/passwd", "only http and https"),
        ("/to/http://[::1]:1/a", "private network"),
        ("/to/http://169.254.169.254/latest", "private network"),
        ("/to/http://[::ffff:10.0.0.1]/a", "private network"),
    ],
)
def test_what_cannot_be_fetched_is_said(address: str, path: str, said: str) -> None:
    with pytest.raises(PictureError, match=said):
        download(address + path, Limits())


def test_redirects_into_private_networks_need_the_setting(address: str) -> None:
    link = f"{address}/to/{address}/my%20picture.jpg"
    with pytest.raises(PictureError, match=r"catalogue\.private_hosts"):
        download(link, Limits())
    for own in ("127.0.0.1", "127.0.0.0/8"):
        assert download(link, Limits(private_hosts=(own,))) == BODY
    with pytest.raises(PictureError, match="private network"):
        download(link, Limits(private_hosts=("10.0.0.0/8", "pim.local")))


def test_a_name_is_resolved_once_and_that_address_is_used(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *rest: object, **more: object) -> object:
        if host != "cdn.example":
            return real(host, *rest, **more)  # type: ignore[arg-type]
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "10.255.255.1", *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = address.rsplit(":", 1)[1]
    assert download(f"http://cdn.example:{port}/my picture.jpg", Limits()) == BODY
    assert len(asked) == 1


def test_redirects_end(address: str) -> None:
    with pytest.raises(PictureError, match="more than 5 times"):
        download(f"{address}/loop", Limits(private_hosts=("127.0.0.1",)))


def test_size_and_time_are_limited(address: str) -> None:
    with pytest.raises(PictureError, match="larger than"):
        download(f"{address}/my picture.jpg", Limits(bytes=1000))
    for path in ("/drip", "/drip-body"):
        with pytest.raises(PictureError, match="not whole after"):
            download(f"{address}{path}", Limits(seconds=0.4))


@pytest.mark.parametrize(
    "link", ["http://", "http://[", "http://a b/x", "ftp://x/y", "http://x:99999/"]
)
def test_refuses_what_is_no_address(link: str) -> None:
    with pytest.raises(PictureError):
        download(link, Limits())
