"""What a trusted proxy says of a request; from anybody else it is removed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

_HEADERS: Final = ("FOR", "PROTO", "HOST", "PREFIX", "PORT", "SERVER", "BY")
_PREFIX: Final = re.compile(r"(/(?!\.{1,2}(/|$))[\w.~-]+)+", re.ASCII)
#: `Host` as browsers send it.
HOST: Final = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", re.ASCII)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The addresses and networks of `web.trusted_proxies`."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Parse them; the settings have checked that they are networks."""
        self._networks: list[Network] = [ipaddress.ip_network(one, False) for one in networks]

    def __call__(self, address: str) -> bool:
        """Check whether an address is that of a proxy."""
        try:
            known = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        known = getattr(known, "ipv4_mapped", None) or known
        return any(known in network for network in self._networks)


class ProxyHeaders:
    """WSGI middleware: takes a trusted proxy's word for who asks, how, and under which address.

    From a trusted proxy `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` take the place of what
    the connection says; the client is the last address in `X-Forwarded-For` that is no trusted
    proxy. From anybody else, and for all other headers of the kind, they are removed.
    `fittingroom.proxied` in the environment says whether a trusted proxy sent the request.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        trusted: TrustedProxies,
        prefix: str,
        host: str,
        ours: Callable[[str], bool],
    ) -> None:
        """Wrap an application.

        Args:
            app: The WSGI application.
            trusted: The proxies.
            prefix: Path under which the server's pages are, unless a proxy says another.
            host: Name and port of `web.address`; may be empty.
            ours: Checks whether a `Host` is one that the settings name. Where a proxy sends
                another, such as its own name for this server, `host` takes its place.
        """
        self._app, self._trusted, self._prefix = app, trusted, prefix
        self._host, self._ours = host, ours

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request."""
        said = {name: environ.pop(f"HTTP_X_FORWARDED_{name}", "") for name in _HEADERS}
        for name in ("HTTP_FORWARDED", "HTTP_X_REAL_IP"):
            environ.pop(name, None)
        prefix = self._prefix
        environ["fittingroom.proxied"] = self._trusted(environ.get("REMOTE_ADDR", ""))
        if environ["fittingroom.proxied"]:
            environ["REMOTE_ADDR"] = self._client(environ["REMOTE_ADDR"], _list(said["FOR"]))
            if (scheme := _last(said["PROTO"]).lower()) in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
            if HOST.fullmatch(host := _last(said["HOST"])):
                environ["HTTP_HOST"] = host
            elif self._host and not self._ours(environ.get("HTTP_HOST", "")):
                environ["HTTP_HOST"] = self._host
            if _PREFIX.fullmatch(given := _last(said["PREFIX"]).rstrip("/")):
                prefix = given
        _set_prefix(environ, prefix)
        return self._app(environ, start_response)

    def _client(self, peer: str, passed: Sequence[str]) -> str:
        """Return the client's address: what stands before it in the list, it may have made up."""
        client = peer
        for address in reversed(passed):
            if not self._trusted(client) or not _is_address(address):
                break
            client = address
        return client


def _set_prefix(environ: dict[str, Any], prefix: str) -> None:
    """Part the prefix from the path, whether or not the proxy has."""
    if not prefix:
        return
    environ["SCRIPT_NAME"] = prefix
    path = environ.get("PATH_INFO", "")
    if path == prefix or path.startswith(f"{prefix}/"):
        environ["PATH_INFO"] = path[len(prefix) :] or "/"


def _list(header: str) -> list[str]:
    return [_without_port(part.strip()) for part in header.split(",") if part.strip()]


def _last(header: str) -> str:
    return header.rpartition(",")[2].strip()


def _without_port(address: str) -> str:
    """Take brackets and a port off an address."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
