from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from typing import Any

import pytest

from store import Site, StoreError, journal, open_site
from tests.crossings import cross, garment
from tests.waiting import wait_for
from tests.web.conftest import running_server
from web.app import create_app
from web.http_server import bind
from web.hub import TooManyPages
from web.server import Server
from web.snapshots import room_snapshot


class Page:
    """Reads a room's events as a browser does."""

    def __init__(self, address: str, last: int | None = None) -> None:
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        request = urllib.request.Request(address, headers=headers)
        self.stream = urllib.request.urlopen(request, timeout=15)
        self.opening = self.stream.readline(), self.stream.readline(), self.stream.readline()

    def next(self) -> tuple[str, Any]:
        kind, data = "", ""
        while line := self.stream.readline().decode():
            if line.startswith("event: "):
                kind = line[7:].strip()
            elif line.startswith("data: "):
                data = line[6:]
            elif line == "\n" and kind:
                return kind, json.loads(data)
        return "end", None

    def close(self) -> None:
        self.stream.close()


def test_snapshot_on_connect_then_every_change(
    server: Server, shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.hub.HEARTBEAT_S", 600.0)  # the change itself wakes the page
    page = Page(f"{server.address}/api/rooms/1/events")
    assert page.next()[1]["visit"] is None
    cross(shop, time.time(), "entry", garment("T1-S"))
    kind, state = page.next()
    assert kind == "state"
    assert state["items"][0]["article"]["sku"] == "T1-S"
    page.close()


def test_a_page_that_missed_nothing_gets_no_snapshot_again(server: Server, shop: Site) -> None:
    cross(shop, time.time(), "entry", garment("T1-S"))
    page = Page(f"{server.address}/api/rooms/1/events")
    state = page.next()[1]
    while not state["visit"]:  # the hub may look at the journal a moment later
        state = page.next()[1]
    version = state["version"]
    page.close()
    resumed = Page(f"{server.address}/api/rooms/1/events", last=version)
    assert resumed.opening[1] == b": resumed\n"
    cross(shop, time.time() + 1, "exit")
    kind, state = resumed.next()
    while kind == "beat":  # a slow machine may be quiet for a while
        kind, state = resumed.next()
    assert state["visit"] is None
    resumed.close()


def test_a_page_that_missed_something_gets_it(server: Server, shop: Site) -> None:
    page = Page(f"{server.address}/api/rooms/1/events", last=0)
    cross(shop, time.time(), "entry", garment("T1-S"))
    page.close()
    again = Page(f"{server.address}/api/rooms/1/events", last=0)
    states = [again.next()[1]]
    if not states[-1]["items"]:  # the hub had not looked yet
        states.append(again.next()[1])
    assert states[-1]["items"]
    again.close()


def test_a_page_that_opens_during_a_crossing_shows_it(
    server: Server, shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossed = threading.Event()
    threads: list[threading.Thread] = []

    def slow_at_first(*args: Any) -> dict[str, Any]:
        document = room_snapshot(*args)
        threads.append(threading.current_thread())
        if len(threads) > 1:
            crossed.set()
        else:
            cross(shop, time.time(), "entry", garment("T1-S"))
            assert crossed.wait(60)
            wait_for(lambda: server.hub._topics["room:1"].document)  # the newer one
        return document

    monkeypatch.setattr("web.hub.room_snapshot", slow_at_first)
    page = Page(f"{server.address}/api/rooms/1/events")
    _, state = page.next()
    assert state["items"]
    assert len(set(threads)) == 2  # the page's own and the journal's
    page.close()


def test_other_rooms_stay_quiet(server: Server, shop: Site) -> None:
    page = Page(f"{server.address}/api/rooms/2/events")
    page.next()
    cross(shop, time.time(), "entry", garment("T1-S"), room="1")
    cross(shop, time.time() + 1, "entry", garment("K1", "skirt"), room="2")
    assert page.next()[1]["items"][0]["article"]["sku"] == "K1"
    page.close()


def test_one_page_too_many_is_told_so_and_places_come_back(shop: Site) -> None:
    (shop.folder / "fittingroom.toml").write_text("[web]\nopen = true\nscreens = 2\n")
    from store import open_site

    small = open_site(shop.folder)
    server = Server(small, "127.0.0.1", 0, watchers=False)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    pages = [Page(f"{server.address}/api/rooms/1/events") for _ in range(2)]
    with pytest.raises(urllib.error.HTTPError) as refused:
        Page(f"{server.address}/api/rooms/1/events")
    assert refused.value.code == 503
    assert "Too many pages" in json.loads(refused.value.read())["error"]["message"]
    refused.value.close()
    pages[0].close()
    until = time.monotonic() + 20
    while time.monotonic() < until:  # a closed page is noticed at the next write
        with small.store.write() as session:
            journal.append(session, 0, "nudge", "1", {})
        try:
            page = Page(f"{server.address}/api/rooms/1/events")
        except urllib.error.HTTPError as error:
            error.close()
            time.sleep(0.2)
            continue
        page.close()
        break
    else:
        pytest.fail("the place of a closed page was never given back")
    pages[1].close()
    server.end()
    thread.join(timeout=15)
    assert not thread.is_alive()
    small.store.close()


def test_screens_and_staff_do_not_take_each_others_places(shop: Site) -> None:
    (shop.folder / "fittingroom.toml").write_text(
        "[web]\nopen = true\nscreens = 1\nstaff_pages = 1\n"
    )
    small = open_site(shop.folder)
    hub = create_app(small).extensions["hub"]
    room, staff = hub.subscribe("room:1", None), hub.subscribe("staff", None, staff=True)
    for taken in ("room:1", "staff"):
        with pytest.raises(TooManyPages):
            hub.subscribe(taken, None, staff=taken == "staff")
    room.close()
    with pytest.raises(TooManyPages):
        hub.subscribe("room:1", None, staff=True)  # somebody who is logged in looks at a room
    hub.subscribe("room:1", None).close()
    staff.close()
    small.store.close()


def test_a_hundred_pages_and_more_leave_the_server_answering(shop: Site) -> None:
    settings = shop.folder / "fittingroom.toml"
    settings.write_text(settings.read_text().replace("# screens = 60", "screens = 130"))
    wide = open_site(shop.folder)
    with running_server(wide) as running, ExitStack() as stack:
        for _ in range(120):
            address = f"{running.address}/api/rooms/1/events"
            stack.enter_context(urllib.request.urlopen(address, timeout=10))
        with urllib.request.urlopen(f"{running.address}/healthz", timeout=10) as answer:
            assert json.load(answer)["parts"]["threads"] == "ok"
    wide.store.close()


def test_a_port_in_use_is_one_clear_error(server: Server) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    with pytest.raises(StoreError, match=f"cannot listen on 127.0.0.1:{port}"):
        bind("127.0.0.1", port)


def test_events_have_the_servers_time_of_when_they_are_sent(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.hub.HEARTBEAT_S", 0.1)
    times = iter(range(100, 10_000))
    with running_server(shop) as server:
        monkeypatch.setattr(server.hub, "_clock", lambda: float(next(times)))
        pages = [Page(f"{server.address}/api/rooms/1/events") for _ in range(2)]
        first = [page.next() for page in pages]
        assert [kind for kind, _ in first] == ["state", "state"]
        assert first[0][1]["now"] != first[1][1]["now"]  # though the snapshot is the same
        kind, beat = pages[0].next()
        assert kind == "beat"
        assert beat["now"] > first[0][1]["now"]
        for page in pages:
            page.close()
