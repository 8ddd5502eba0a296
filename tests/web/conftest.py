"""A shop with a camera and a room, its application, and a real server for browsers."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect, sync_playwright

from calibration import parse_camera, save_camera
from store import Site, open_site
from tests.browser_setup import find_chromium
from web.app import create_app
from web.server import Server

#: A page of a busy machine may take longer than Playwright's five seconds.
expect.set_options(timeout=60_000)

GATE = {"name": "gate", "from": [0.8, 0.3], "to": [0.8, 1.0], "in": "right", "rooms": ["1"]}


@pytest.fixture
def site(site: Site) -> Iterator[Site]:
    """A site without doors; test_access.py has one with them."""
    settings = site.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("# open = false", "open = true"))
    opened = open_site(site.folder)
    yield opened
    opened.store.close()


@pytest.fixture
def shop(shop: Site) -> Site:
    for name, room in (("door", "1"), ("back", "2")):
        gate = GATE | {"rooms": [room]}
        save_camera(
            shop.folder,
            parse_camera({"name": name, "source": "none.mp4", "gate": [gate]}, "test"),
        )
    return shop


@pytest.fixture
def client(shop: Site) -> FlaskClient:
    return create_app(shop, clock=lambda: 1000.0).test_client()


#: The name that a proxy's certificate is for in tests; the browser finds it here.
PROXY_NAME = "rooms.example.com"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium, shared by all tests of a worker."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    flags = [*FLAGS, f"--host-resolver-rules=MAP {PROXY_NAME} 127.0.0.1"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=flags)
        yield launched
        launched.close()


@contextmanager
def running_server(site: Site, port: int = 0) -> Iterator[Server]:
    """Serve a site in a thread, on a free port unless one is given."""
    running = Server(site, "127.0.0.1", port, watchers=False)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    # It answers only once all that it consists of has been started.
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"{running.address}/healthz", timeout=120).close()
    yield running
    running.end()
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.fixture
def server(shop: Site) -> Iterator[Server]:
    with running_server(shop) as running:
        yield running
