"""`/healthz`: what it sees, and what strangers learn from it."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from calibration.files import camera_path
from services.workers import Workers
from store import Site, access, cameras, journal
from store.cameras import Report
from tests.waiting import wait_for
from tests.web.conftest import running_server
from tests.web.test_hub import Page
from web.app import create_app
from web.health import Health

Usage = namedtuple("Usage", "total used free")


def ask(address: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def health(shop: Site) -> Health:
    turn = iter(range(10**6))
    return Health(shop, Workers(), lambda: 1000.0, lambda: float(next(turn)))


def run(shop: Site, state: str) -> None:
    with shop.store.write() as session:
        for name in ("door", "back"):
            cameras.report(session, name, Report(state), 990.0)


def test_all_is_well(shop: Site, health: Health) -> None:
    run(shop, "running")
    found = health.read()
    assert found["status"] == "ok", found
    assert found["parts"]["cameras"]["running"] == 2


def test_a_camera_in_trouble_degrades_and_fails_nothing(shop: Site, health: Health) -> None:
    run(shop, "running")
    with shop.store.write() as session:
        cameras.report(session, "back", Report("stale", "refused", "no"), 999.0)
    path = camera_path(shop.folder, "door")
    path.write_text(path.read_text() + "\nmaskk = 1\n")
    found = health.read()
    assert found["status"] == "degraded"
    listed = {c["camera"]: (c["state"], c["cause"]) for c in found["parts"]["cameras"]["list"]}
    assert listed == {"back": ("stale", "refused"), "door": ("broken", "file")}


def test_a_database_that_cannot_be_written_fails(shop: Site, health: Health) -> None:
    run(shop, "running")
    with shop.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    # One connection is in the pool: the next to take it cannot write.
    assert health.read()["parts"]["database"]["status"] == "failing"


def test_a_database_that_somebody_else_writes_is_busy(shop: Site, health: Health) -> None:
    run(shop, "running")
    with shop.store.write() as session:
        journal.append(session, 0.0, "long", "", {})
        assert health.read()["parts"]["database"]["status"] == "degraded"
    assert health.read()["parts"]["database"]["status"] == "ok"


@pytest.mark.parametrize(("free", "status"), [(10, "failing"), (100, "degraded"), (900, "ok")])
def test_a_full_disk_fails(
    health: Health, monkeypatch: pytest.MonkeyPatch, free: int, status: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(0, 0, free * 2**20))
    assert health.read()["parts"]["disk"]["status"] == status


def test_weights_that_are_gone_or_others_are_seen(
    health: Health, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import manifest

    weights = tmp_path / "weights"
    weights.mkdir()
    for file in manifest.WEIGHTS.iterdir():
        (weights / file.name).symlink_to(file)
    monkeypatch.setattr("web.health.WEIGHTS", weights)
    for name in ("load_manifest", "read_weights"):
        real = getattr(manifest, name)
        monkeypatch.setattr(
            f"web.health.{name}", lambda *args, real=real: real(*args, folder=weights)
        )
    assert health.read()["parts"]["weights"]["status"] == "ok"
    (weights / "detector.onnx").unlink()
    found = health.read()["parts"]["weights"]
    assert found["status"] == "degraded"
    assert "detector.onnx" in found["detail"]
    (weights / "detector.onnx").write_bytes(b"other")
    assert "does not match its manifest" in health.read()["parts"]["weights"]["detail"]


@pytest.fixture
def guarded(shop: Site) -> Iterator[Flask]:
    web = shop.settings.web.model_copy(update={"open": False})
    site = replace(shop, settings=shop.settings.model_copy(update={"web": web}))
    with site.store.write() as session:
        for name, role in (("Anna", "technician"), ("Bert", "staff")):
            access.add_account(session, name, role, "482915", time.time())
    yield create_app(site)
    site.store.close()


@pytest.mark.parametrize(("name", "knows"), [("Anna", True), ("Bert", False), (None, False)])
def test_names_and_paths_are_for_technicians(guarded: Flask, name: str | None, knows: bool) -> None:
    client = guarded.test_client()
    if name:
        client.post("/api/login", json={"name": name, "secret": "482915"})
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.get_json()["cameras"] == {"running": 0, "trouble": 2}
    assert ("door" in answer.text) == knows
    assert ("details" in answer.get_json()) == knows


def test_a_dead_live_thread_is_no_heartbeat_and_fails(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.hub.HEARTBEAT_S", 0.2)
    with running_server(shop) as server:
        page = Page(f"{server.address}/api/rooms/1/events")
        assert page.next()[0] == "state"
        assert page.next()[0] == "beat"
        worker, hang = server.hub.worker, threading.Event()
        monkeypatch.setattr(worker, "_step", lambda: hang.wait(60) and None)
        monkeypatch.setattr(worker, "_limit_s", 0.5)
        monkeypatch.setattr(worker, "revive", lambda: None)  # nobody replaces it
        wait_for(lambda: page.next()[0] == "end")
        page.close()
        wait_for(lambda: ask(server.address)[0] == 503)
        assert ask(server.address)[1]["parts"]["threads"] == "failing"
        hang.set()


def test_one_room_that_cannot_be_shown_stops_no_other(
    server: Any, shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.crossings import cross, garment
    from web.hub import room_snapshot

    page = Page(f"{server.address}/api/rooms/2/events")
    bad = Page(f"{server.address}/api/rooms/1/events")
    page.next()
    bad.next()

    def snapshot(session: Any, site: Site, room: str, *more: Any) -> dict[str, Any]:
        if room == "1":
            raise KeyError("nobody expected this")
        return room_snapshot(session, site, room, *more)

    monkeypatch.setattr("web.hub.room_snapshot", snapshot)
    cross(shop, time.time(), "entry", garment("T1-S"), room="1")
    cross(shop, time.time(), "entry", garment("K1", "skirt"), room="2")
    kind, state = page.next()
    while kind == "beat" or not state["items"]:
        kind, state = page.next()
    assert state["items"][0]["article"]["sku"] == "K1"
    path = camera_path(shop.folder, "back")
    path.write_text("typo")
    monkeypatch.setattr("web.hub.room_snapshot", room_snapshot)
    wait_for(lambda: server.hub._failed == set())
    page.close()
    bad.close()
