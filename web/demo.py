"""The demo: a made-up shop, a camera that plays a filmed clip, a screen."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calibration import Camera, parse_camera, save_camera
from store import Site, claims, init_site, journal, visits
from vision.source import read_file
from web.catalogue import import_feed
from web.demo_shop import make_shop
from web.lookbook import compose_book, import_look_book
from web.server import Server
from web.stylist import ShopStylist

CAMERA = "entrance"
ROOM = "1"
_LOOKS = 12
Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]


def _camera(site: Path, clip: Path, gate: dict[str, Any]) -> Camera:
    line = {"name": "gate", "rooms": [ROOM], **gate}
    data = {"name": CAMERA, "source": str(clip), "loop": True, "gate": [line]}
    first = next(read_file(str(site / clip), CAMERA))
    height, width = first.image.shape[:2]
    # Everybody in the film is drawn.
    return parse_camera(data, "demo").confirm_masks("the demo", "2026-01-01", width, height)


def prepare_demo(folder: Path, progress: Progress) -> Site:
    """Make the demo's site; what an earlier run drew and imported is kept.

    Raises:
        StoreError: The folder cannot be written.
    """
    site = _without_doors(init_site(folder, "Maison Demo"))
    shop = make_shop(folder / "shop", progress)
    report = import_feed(
        site,
        shop.feed,
        shop.images,
        time.time(),
        embedding=lambda missing: progress(missing, len(missing), "embedding articles"),
    )
    for problem in report.problems:
        raise AssertionError(f"the demo's own feed has a fault: {problem}")
    import_look_book(site, shop.looks, time.time())
    compose_book(site, ShopStylist(site), time.time(), _LOOKS)
    _empty_rooms(site)
    clip = Path("shop") / shop.clip.name
    save_camera(site.folder, _camera(site.folder, clip, shop.truth["gate"]))
    return site


def _without_doors(site: Site) -> Site:
    """Let everybody in: the demo listens on this machine alone."""
    web = site.settings.web.model_copy(update={"open": True})
    return replace(site, settings=site.settings.model_copy(update={"web": web}))


def _empty_rooms(site: Site) -> None:
    """End visits that an earlier run left open: its people are gone."""
    with site.store.write() as session:
        visits.close_quiet_visits(session, visits.last_changes(session), time.time())
        claims.close_unclaimed(session, claims.last_changes(session), time.time())


@dataclass
class Seen:
    """What a headless demo saw happen."""

    crossings: list[dict[str, Any]] = field(default_factory=list)
    outfits: list[list[str]] = field(default_factory=list)

    @property
    def matched(self) -> list[str]:
        """SKUs of the garments that were matched to an article."""
        return [g["sku"] for c in self.crossings for g in c["garments"] if g["sku"]]

    @property
    def complete(self) -> bool:
        """Whether crossings, matches and outfits on a screen all happened."""
        return bool(self.crossings and self.matched and self.outfits)


def run_headless(site: Site, port: int, seconds: float, tell: Callable[[str], None]) -> Seen:
    """Serve the demo for a while, follow it as a screen does, and note what happens.

    Args:
        site: The demo's site.
        port: Port to serve on.
        seconds: How long.
        tell: Is given a line for everything that happens.
    """
    server = Server(site, "127.0.0.1", port, watchers=True)
    with site.store.read() as session:
        before = journal.last_id(session)
    runner = threading.Thread(target=server.run, name="demo-server", daemon=True)
    runner.start()
    seen, until = Seen(), time.monotonic() + seconds
    screen = threading.Thread(
        target=_follow_screen,
        args=(f"{server.address}/api/rooms/{ROOM}/events", seen, until, tell),
        name="demo-screen",
        daemon=True,
    )
    screen.start()
    try:
        while time.monotonic() < until:
            time.sleep(0.2)
            before = _note_crossings(site, before, seen, tell)
    finally:
        server.end()
        screen.join(timeout=10)
        runner.join(timeout=20)
    return seen


def _note_crossings(site: Site, before: int, seen: Seen, tell: Callable[[str], None]) -> int:
    with site.store.read() as session:
        entries = [(e.id, e.kind, e.payload) for e in journal.after(session, before)]
    for number, kind, payload in entries:
        before = number
        if kind != "crossing":
            continue
        seen.crossings.append(payload)
        garments = ", ".join(
            f"{g['category']} {g['sku'] or 'unknown'} ({g['score']:.2f})"
            for g in payload["garments"]
        )
        tell(f"{payload['event']} to room {payload['room']}: {garments or 'nothing carried'}")
    return before


def _follow_screen(address: str, seen: Seen, until: float, tell: Callable[[str], None]) -> None:
    """Read the room's event stream and note every new set of outfits pushed."""
    try:
        with urllib.request.urlopen(address, timeout=20) as stream:
            for raw in stream:
                if time.monotonic() > until:
                    return
                line = raw.decode()
                if not line.startswith("data: {"):
                    continue
                state = json.loads(line.removeprefix("data: "))
                if "outfits" not in state:  # a heartbeat
                    continue
                outfits = [[p["sku"] for p in o["pieces"]] for o in state["outfits"]]
                if outfits and outfits != seen.outfits[-len(outfits) :]:
                    seen.outfits += outfits
                    tell(
                        f"{len(outfits)} outfits pushed to the screen, first: "
                        + ", ".join(outfits[0])
                    )
    except OSError:
        return  # the server has ended, and with it the demo
