"""What `serve` prints: where to open the pages, and what is still to be done."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from calibration import CameraError, list_cameras, load_camera
from services.rooms import rooms_of
from store import Site, access
from web.http_server import http_address

_EVERY: Final = ("0.0.0.0", "::", "")
#: Pages that people log in to.
_PAGES: Final = {
    "Staff": "/staff",
    "Look book": "/staff/looks",
    "Pair screens": "/staff/screens",
    "Insights": "/insights",
    "Cameras": "/calibrate",
}


def addresses_of(host: str, port: int) -> list[str]:
    """List the addresses under which other machines reach a server that listens on a host."""
    if host not in _EVERY:
        return [http_address(host, port)]
    families = (socket.AF_INET, socket.AF_INET6) if host == "::" else (socket.AF_INET,)
    found = [address for family in families for address in _own_addresses(family)]
    named = [socket.gethostname()] if found else []
    return [http_address(host, port) for host in (*found, *named)] or [
        http_address("127.0.0.1", port)
    ]


def _own_addresses(family: socket.AddressFamily) -> list[str]:
    """List this machine's addresses on its networks; the one that leads outside is first."""
    found = []
    outside = "192.0.2.1" if family == socket.AF_INET else "2001:db8::1"  # nothing is sent to it
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((outside, 9))
            found.append(str(probe.getsockname()[0]))
        except OSError:
            pass
    try:
        named = socket.getaddrinfo(socket.gethostname(), None, family, socket.SOCK_DGRAM)
    except OSError:
        named = []
    found += [str(entry[4][0]) for entry in named]
    return [a for a in dict.fromkeys(found) if not a.startswith(("127.", "::1", "fe80:"))]


def describe_doors(site: Site, host: str, port: int, watchers: bool = True) -> Iterator[str]:
    """Describe in lines where a server's pages are and what has to be done before they work.

    Args:
        site: The shop.
        host: That the server listens on.
        port: That the server listens on.
        watchers: Whether cameras are watched.
    """
    public = site.settings.web.address.rstrip("/")
    first, *others = [*([public] if public else []), *addresses_of(host, port)]
    for room in rooms_of(site):
        yield f"Screen of room {room}: {first}/screen/{room}"
    for name, path in _PAGES.items():
        yield f"{name}: {first}{path}"
    if others:
        yield f"Also at {', '.join(others)}"
    if not public and host in ("127.0.0.1", "::1", "localhost"):
        yield "Only this machine can open these pages. For tablets and phones: --host 0.0.0.0"
    yield from _to_do(site, first, watchers)


def _to_do(site: Site, address: str, watchers: bool) -> Iterator[str]:
    with site.store.read() as session:
        if not site.settings.web.open and not access.has_accounts(session):
            yield "No account can log in yet; run: fittingroom account add NAME --role technician"
    names = list_cameras(site.folder)
    if watchers and not names:
        yield f"No camera yet; add one at {address}/calibrate or with fittingroom camera add."
    for name in names:
        try:
            camera = load_camera(site.folder, name)
        except CameraError as error:
            yield f"Camera {name} cannot be used: {error}"
            continue
        if camera.enabled and not camera.masks_confirmed:
            yield (
                f"Camera {name} is not used until its masks are confirmed: "
                f"{address}/calibrate/{name}"
            )
        elif camera.enabled and not camera.gates:
            yield f"Camera {name} has no gate, so it counts no people: {address}/calibrate/{name}"
