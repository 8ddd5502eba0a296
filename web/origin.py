"""Under which names the server answers, and from which pages it takes orders."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, url_for

from common.settings import WebSettings
from web.proxy import HOST, ProxyHeaders, TrustedProxies

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
#: What routers and multicast DNS add to a machine's name.
_LOCAL_ENDS: Final = ("local", "lan", "home", "home.arpa", "internal", "localdomain", "fritz.box")
#: What everybody gets alike, and browsers may keep.
_PUBLIC_FILES: Final = ("static", "home.picture")
_HSTS: Final = "max-age=31536000"


class Names:
    """The host names that a server answers to."""

    def __init__(self, web: WebSettings) -> None:
        """Collect them: the settings', and what a machine is called anyway."""
        self._address = urlsplit(web.address)
        machine = socket.gethostname().lower()
        given = [name.lower() for name in web.hosts]
        self.ours = {name for name in given if not name.startswith(".")}
        self._domains = tuple(name for name in given if name.startswith("."))
        if self._address.hostname:
            self.ours.add(self._address.hostname)
        self._usual = {"localhost", machine, *(f"{machine}.{end}" for end in _LOCAL_ENDS)}

    def known(self, name: str) -> bool:
        """Check whether the server answers to a name or address, given without port.

        Besides the settings' these are the machine's own name and addresses that only a local
        network has: a tablet reaches a shop's server by them, and no stranger's name server can
        lead a browser here under them.
        """
        name = name.lower().rstrip(".")
        if (
            name in self.ours
            or name in self._usual
            or name.endswith((".localhost", *self._domains))
        ):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_private or address.is_loopback or address.is_link_local

    def trusts(self, origin: str, host: str, proxied: bool) -> bool:
        """Check whether a page of an origin is one of this server's.

        Args:
            origin: The request's `Origin`.
            host: The request's `Host`.
            proxied: Whether a trusted proxy has asked, which may have lost the true `Host`.
        """
        _, _, place = origin.lower().partition("://")
        if place in (host.lower(), self._address.netloc.lower() or None):
            return True
        return proxied and _host_name(place) in self.ours


def add_origin_checks(app: Flask, web: WebSettings) -> None:
    """Let an application answer under its own names alone, and obey its own pages alone."""
    names = Names(web)
    app.wsgi_app = ProxyHeaders(  # type: ignore[method-assign]
        app.wsgi_app,
        TrustedProxies(web.trusted_proxies),
        web.prefix,
        urlsplit(web.address).netloc,
        lambda host: _host_name(host).lower() in names.ours,
    )

    @app.before_request
    def _known_name() -> None:
        host = request.environ.get("HTTP_HOST", "") or "localhost"
        valid, name = HOST.fullmatch(host), _host_name(host)
        if not valid or not names.known(name):
            shown = name if valid else "sent"
            abort(400, f"This server does not answer to the name {shown}. If the name is right, "
                  "add it to web.hosts in fittingroom.toml.")  # fmt: skip

    @app.before_request
    def _own_page() -> None:
        # Browsers say where a request comes from; another site must not post for a shopper.
        if request.method in _SAFE:
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        proxied = bool(request.environ.get("fittingroom.proxied"))
        if site is not None:
            foreign = site not in ("same-origin", "none")
        else:
            foreign = origin is not None and not names.trusts(origin, request.host, proxied)
        if foreign:
            abort(403, "Requests from other sites are refused.")

    @app.after_request
    def _private(response: Response) -> Response:
        if request.endpoint not in _PUBLIC_FILES or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = _HSTS
        return response


def public_address(web: WebSettings, endpoint: str, **values: Any) -> str:
    """Return a page's address as a shopper's phone reaches it.

    That is `web.address` where it is set, else what the screen uses, which is one of the server's
    own names.
    """
    path = url_for(endpoint, **values)
    if not web.address:
        return request.host_url.rstrip("/") + path
    base = web.address.rstrip("/")
    if urlsplit(base).path:  # it says the prefix itself
        path = path.removeprefix(request.script_root)
    return base + path


def _host_name(host: str) -> str:
    """Take the port, and an IPv6 address's brackets, off a host."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
