"""From a journal write to the screens that follow: latency, and memory over many events.

    python -m benchmarks.live [--screens 200] [--events 10000] [--rate 40]

A shop with one room a screen is served by `fittingroom serve`; this process is every screen,
and writes to the journal as a watcher does. The baseline, in the same run, is a page that
asks once a second, as pages without a stream do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from calibration import load_camera, parse_camera, save_camera
from common.crossing import Crossing, GarmentMatch
from services.demo.site import CAMERA, prepare_demo
from services.visits.recording import record_crossing
from store import Site, journal, open_site, requests, visits
from store.schema import Colourway

_PORT = 8329
_GATE = {"name": "gate", "from": [0.8, 0.3], "to": [0.8, 1.0], "in": "right"}


def _make_site(folder: Path, screens: int) -> Site:
    prepare_demo(folder, lambda things, _total, _name: things).store.close()
    settings = folder / "fittingroom.toml"
    text = re.sub(r"(?m)^#? ?open = .*$", "open = true", settings.read_text())
    text = re.sub(r"(?m)^#? ?screens = .*$", f"screens = {screens}", text)
    settings.write_text(text)
    rooms = [str(number + 1) for number in range(screens)]
    source = load_camera(folder, CAMERA).source
    camera = {"name": CAMERA, "source": source, "gate": [_GATE | {"rooms": rooms}]}
    save_camera(folder, parse_camera(camera, "benchmark"))
    return open_site(folder)


def _serve(site: Site) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli", "serve", "--no-watchers"]
    process = subprocess.Popen(
        [*command, "--port", str(_PORT), "--site", str(site.folder)], stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/healthz", timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return process
    raise SystemExit("the server did not start")


def _resident_mib(process: subprocess.Popen[bytes]) -> float:
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Screens:
    """All screens: when each journal id had arrived at the screen it concerns."""

    def __init__(self) -> None:
        """Start with nothing received."""
        self.seen: dict[str, list[tuple[int, float]]] = {}

    async def follow(self, room: str) -> None:
        """Follow one room until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", _PORT, limit=2**22)
        ask = f"GET /api/rooms/{room}/events HTTP/1.1\r\nHost: 127.0.0.1:{_PORT}\r\n\r\n"
        writer.write(ask.encode())
        mine = self.seen.setdefault(room, [])
        while line := await reader.readline():
            if line.startswith(b"id: "):
                mine.append((int(line[4:]), time.monotonic()))

    def latency_s(self, room: str, number: int, written: float) -> float:
        """Return how long after its write an event, or a later one, was on its screen."""
        return next((at - written for seen, at in self.seen[room] if seen >= number), np.inf)


def _toggle_request(site: Site, room: str, turn: int) -> tuple[int, float]:
    """Ask for somebody, or take it back; return the journal id and when it was written."""
    now = time.time()
    with site.store.write() as session:
        visit = visits.require_visit(session, room)
        if turn % 2:
            requests.cancel_all(session, visit, now)
        else:
            requests.ask_person(session, visit, now)
        number = _last(session)
    return number, time.monotonic()


def _entry(site: Site, room: str, sku: str) -> tuple[int, float]:
    now = time.time()
    garments = (GarmentMatch("top", sku, 0.9),)
    crossing = Crossing(now, "entry", "door", "gate", room, garments=garments)
    with site.store.write() as session:
        record_crossing(session, crossing, f"{room}{now}")
        number = _last(session)
    return number, time.monotonic()


def _last(session: Session) -> int:
    return journal.last_id(session)


async def _measure(site: Site, process: Any, asked: argparse.Namespace) -> dict[str, Any]:
    rooms = [str(number + 1) for number in range(asked.screens)]
    screens = Screens()
    tasks = [asyncio.create_task(screens.follow(room)) for room in rooms]
    while sum(map(bool, screens.seen.values())) < len(rooms):
        if process.poll() is not None or any(task.done() for task in tasks):
            raise SystemExit(f"the server ended with code {process.poll()}")
        await asyncio.sleep(0.2)
    with site.store.read() as session:
        skus = list(session.scalars(select(Colourway.sku)))
    rng = np.random.default_rng(0)
    entries = []
    for room in rooms:
        written = await asyncio.to_thread(_entry, site, room, str(rng.choice(skus)))
        entries.append((room, *written))
        await asyncio.sleep(0.25)
    await asyncio.sleep(2)
    before, sent, next_at = _resident_mib(process), [], time.monotonic()
    turns = dict.fromkeys(rooms, 0)
    for count in range(asked.events):
        room = str(rng.choice(rooms))
        written = await asyncio.to_thread(_toggle_request, site, room, turns[room])
        turns[room] += 1
        sent.append((room, *written))
        next_at += 1 / asked.rate
        await asyncio.sleep(max(0.0, next_at - time.monotonic()))
        if count + 1 in (asked.events // 10, asked.events):
            print(f"{count + 1} events: {_resident_mib(process):.0f} MiB", file=sys.stderr)
    await asyncio.sleep(2)
    after = _resident_mib(process)
    for task in tasks:
        task.cancel()
    return {
        "screens": asked.screens,
        "entry_with_outfits_ms": _spread(screens.latency_s(*event) for event in entries),
        "request_ms": _spread(screens.latency_s(*event) for event in sent),
        "polling_once_per_second_ms": _spread(rng.uniform(0, 1, len(sent)).tolist()),
        "resident_mib": {"before": round(before, 1), "after": round(after, 1)},
    }


def _spread(seconds: Iterable[float]) -> dict[str, float]:
    ms = 1000 * np.array(list(seconds))
    lost = int(np.isinf(ms).sum())
    p50, p99 = np.percentile(ms[np.isfinite(ms)], [50, 99])
    return {"p50": round(p50, 1), "p99": round(p99, 1), "never": lost, "count": len(ms)}


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--screens", type=int, default=200)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=40.0, help="events a second")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = _make_site(Path(folder) / "site", asked.screens)
        process = _serve(site)
        try:
            print(json.dumps(asyncio.run(_measure(site, process, asked)), indent=2))
        finally:
            process.terminate()
            process.wait(timeout=30)
            site.store.close()


if __name__ == "__main__":
    main()
