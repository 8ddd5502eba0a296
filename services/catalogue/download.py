"""Downloading a picture from an address that a feed names.

Each address is resolved once, checked, and connected to as it was checked, so that a name that
changes its address between check and connection reaches nothing else.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urljoin

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from store import StoreError

_REDIRECTS: Final = 5
_CONNECT_S: Final = 5.0
_READ_S: Final = 10.0
_PIECE: Final = 64 * 1024
_HEADERS: Final = {
    "User-Agent": "fittingroom (product feed import)",
    "Accept": "image/*,*/*;q=0.5",
    "Accept-Encoding": "identity",
}
_REDIRECTING: Final = frozenset({301, 302, 303, 307, 308})
_BAD: Final = "picture address not usable"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class PictureError(StoreError):
    """A picture that cannot be used; `kind` is the reason in two or three words."""

    def __init__(self, message: str, kind: str = "picture not fetched") -> None:
        """Take the message for people, and the reason that rows are counted by."""
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Limits:
    """Limits of a download.

    Attributes:
        bytes: Of the body.
        seconds: In all, redirects included.
        private_hosts: Hosts and networks that a redirect may lead to although they are private.
    """

    bytes: int = 20 * 1024 * 1024
    seconds: float = 60.0
    private_hosts: Collection[str] = ()


def download(link: str, limits: Limits) -> bytes:
    """Download the content of an http or https address.

    Raises:
        PictureError: It cannot be fetched whole within the limits, or leads where it may not.
    """
    until = time.monotonic() + limits.seconds
    url = _parse(link, link)
    for hop in range(_REDIRECTS + 1):
        address = _resolve(url, link, limits.private_hosts, redirected=hop > 0)
        answer = _request(url, address, link, limits, until)
        if isinstance(answer, bytes):
            return answer
        url = _parse(urljoin(url.url, answer), link)
    raise PictureError(f"{link!r} is redirected more than {_REDIRECTS} times.")


def _parse(text: str, link: str) -> Url:
    """Parse an address; spaces and letters beyond ASCII are quoted."""
    try:
        url = parse_url(text.strip())
    except (LocationParseError, ValueError) as error:
        raise PictureError(f"{link!r} is no address of a picture ({error}).", _BAD) from error
    if url.scheme not in ("http", "https") or not url.host:
        where = "" if text == link else f" (redirected to {text[:200]!r})"
        raise PictureError(f"{link!r}: only http and https addresses are fetched{where}.", _BAD)
    return url


def _resolve(url: Url, link: str, own: Collection[str], *, redirected: bool) -> str:
    """Return the network address to connect to, if it may be connected to.

    Raises:
        PictureError: The host is unknown, or private where it must not be.
    """
    host = (url.host or "").strip("[]")
    try:
        found = socket.getaddrinfo(host, url.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PictureError(f"{link!r} cannot be fetched (unknown host {host!r}).") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [a for a in addresses if _is_allowed(host, a, own, redirected=redirected)]
    if not allowed:
        how = "is redirected to" if redirected else "names"
        raise PictureError(
            f"{link!r} {how} {host!r}, an address in a private network. If that is right, add it "
            "to catalogue.private_hosts in fittingroom.toml.",
            "picture address private",
        )
    return allowed[0]


def _is_allowed(host: str, text: str, own: Collection[str], *, redirected: bool) -> bool:
    address = _embedded(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_global and not address.is_multicast:
        return True
    if any(_names(entry, host, address) for entry in own):
        return True
    # What the shop itself wrote may be its own server, but no cloud keeps pictures at its
    # link-local address, only secrets.
    return not redirected and not address.is_link_local


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _names(entry: str, host: str, address: Address) -> bool:
    """Check whether an entry of `catalogue.private_hosts` names a host or its network."""
    if entry.lower() == host.lower():
        return True
    try:
        return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connection(url: Url, address: str) -> HTTPConnection:
    host = (url.host or "").strip("[]")
    if url.scheme == "http":
        return HTTPConnection(address, url.port or 80, timeout=_CONNECT_S)
    return HTTPSConnection(
        address, url.port or 443, timeout=_CONNECT_S, ssl_context=_certificates(),
        server_hostname=host, assert_hostname=host,
    )  # fmt: skip


def _request(url: Url, address: str, link: str, limits: Limits, until: float) -> bytes | str:
    """Request one address; returns its content, or where it redirects to."""
    connection = _connection(url, address)
    # No time limit of a socket ends a server that sends a byte now and then.
    opened: list[socket.socket] = []
    watch = threading.Timer(max(until - time.monotonic(), 0.01), _cut, [connection, opened])
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        opened.append(connection.sock)
        connection.sock.settimeout(_READ_S)
        connection.request(
            "GET", url.request_uri, headers=_HEADERS | {"Host": url.netloc or ""},
            preload_content=False,
        )  # fmt: skip
        return _answer(connection.getresponse(), link, limits, until)
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        late = time.monotonic() >= until
        reason = f"not whole after {limits.seconds:.0f} s" if late else _explain(error)
        raise PictureError(f"{link!r} cannot be fetched ({reason}).") from error
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: HTTPConnection, opened: Sequence[socket.socket]) -> None:
    # A connection whose server closes it afterwards has handed its socket to the answer.
    if (cut := connection.sock or next(iter(opened), None)) is not None:
        try:
            cut.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has just ended by itself


def _answer(
    response: urllib3.BaseHTTPResponse, link: str, limits: Limits, until: float
) -> bytes | str:
    if response.status in _REDIRECTING and (target := response.headers.get("Location")):
        return target
    if response.status != 200:
        raise PictureError(f"{link!r} cannot be fetched (the server answered {response.status}).")
    data = bytearray()
    for piece in response.stream(_PIECE, decode_content=True):
        data += piece
        if len(data) > limits.bytes:
            raise PictureError(
                f"{link!r} is larger than {limits.bytes >> 20} MB.", "picture too large"
            )
    if time.monotonic() >= until:
        raise TimeoutError
    return bytes(data)


def _explain(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError | urllib3.exceptions.NewConnectionError):
        return "the server refuses connections or cannot be reached"
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, urllib3.exceptions.IncompleteRead | http.client.IncompleteRead):
        return "the download broke off"
    if isinstance(error, urllib3.exceptions.ProtocolError) and error.args:
        inner = error.args[-1]
        if isinstance(inner, Exception):
            return _explain(inner)
        return "the download broke off"
    if isinstance(error, http.client.BadStatusLine):
        return "the server does not answer as HTTP has it"
    return str(error)[:200] or type(error).__name__
