"""The demo without a browser: serve it for a while, and read its events as a screen does."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from common.crossing import Crossing
from services.demo.site import ROOM
from store import Site, journal
from web.server import Server


@dataclass
class Seen:
    """What happened in a headless demo."""

    crossings: list[Crossing] = field(default_factory=list)
    outfits: list[list[str]] = field(default_factory=list)

    @property
    def matched(self) -> list[str]:
        """SKUs of the garments that were matched to an article."""
        return [g.sku for c in self.crossings for g in c.garments if g.sku]

    @property
    def complete(self) -> bool:
        """Whether there were crossings, matches and outfits on a screen."""
        return bool(self.crossings and self.matched and self.outfits)


def run_headless(site: Site, port: int, seconds: float, report: Callable[[str], None]) -> Seen:
    """Serve the demo for a while, read its events as a screen does, and report them.

    Args:
        site: The demo's site.
        port: Port to serve on.
        seconds: How long.
        report: Called with a line for each event.
    """
    server = Server(site, "127.0.0.1", port, watchers=True)
    with site.store.read() as session:
        before = journal.last_id(session)
    runner = threading.Thread(target=server.run, name="demo-server", daemon=True)
    runner.start()
    seen, until = Seen(), time.monotonic() + seconds
    screen = threading.Thread(
        target=_follow_screen,
        args=(f"{server.address}/api/rooms/{ROOM}/events", seen, until, report),
        name="demo-screen",
        daemon=True,
    )
    screen.start()
    try:
        while time.monotonic() < until:
            time.sleep(0.2)
            before = _note_crossings(site, before, seen, report)
    finally:
        server.end()
        screen.join(timeout=10)
        runner.join(timeout=20)
    return seen


def _note_crossings(site: Site, before: int, seen: Seen, report: Callable[[str], None]) -> int:
    with site.store.read() as session:
        entries = [(e.id, e.kind, e.payload) for e in journal.after(session, before)]
    for number, kind, payload in entries:
        before = number
        if kind != "crossing":
            continue
        crossing = Crossing.from_json(payload)
        seen.crossings.append(crossing)
        garments = ", ".join(
            f"{g.category} {g.sku or 'unknown'} ({g.score:.2f})" for g in crossing.garments
        )
        report(f"{crossing.event} to room {crossing.room}: {garments or 'nothing carried'}")
    return before


def _follow_screen(address: str, seen: Seen, until: float, report: Callable[[str], None]) -> None:
    """Read the room's event stream and report every new set of outfits."""
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
                    report(
                        f"{len(outfits)} outfits pushed to the screen, first: "
                        + ", ".join(outfits[0])
                    )
    except OSError:
        return  # the server has ended, and with it the demo
