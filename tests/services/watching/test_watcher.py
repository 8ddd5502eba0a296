"""A watcher and the state of its camera."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from sqlalchemy import update

from calibration import CameraError, load_camera, parse_camera, save_camera
from calibration.drift import reference_path
from common.crossing import Crossing
from models.errors import ModelError
from services.catalogue.indexing import index
from services.watching.watcher import Watcher, watch
from store import Site, StoreError, cameras, journal
from store.schema import Vector
from tests.calibration.test_drift import pictures, room, turned
from tests.waiting import wait_for
from vision.clock import Clocks
from vision.frame import Frame
from vision.sources.health import Cause, State, Status
from vision.sources.live import LiveSource
from vision.sources.recorded import read_file

GATE = {"name": "gate", "from": [0.6, 0.2], "to": [0.6, 1.0], "in": "right", "rooms": ["1"]}


def write_clip(path: Path, images: list[np.ndarray], rate: float = 10) -> None:
    """Write a film."""
    height, width = images[0].shape[:2]
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    for image in images:
        film.write(image)
    film.release()


def add_camera(site: Site, clip: str, **parts: object) -> None:
    data = {"name": "door", "source": clip, "gate": [GATE], **parts}
    seen = parse_camera(data, "test").confirm_masks("Anna", "2026-05-31", 1280, 720)
    save_camera(site.folder, seen)


def states(site: Site) -> list[str]:
    with site.store.read() as session:
        told = [e for e in journal.after(session, 0) if e.kind == "camera.state"]
        return [e.payload["state"] for e in told]


class EveryPicture(LiveSource):
    """A film of which no picture is dropped, however busy the machine is."""

    def start(self) -> None:
        self.session = 1

    def frames(self, at_most_per_second: float) -> Iterator[Frame | State]:
        began = self._clock()
        for frame in read_file(self.source, "door"):
            self._health.picture()
            yield replace(frame, time=began + frame.time)
        self._health.end()
        yield State.ENDED


@pytest.fixture
def every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.watching.watcher.LiveSource", EveryPicture)


def test_nobody_is_watched_before_the_masks_are_confirmed(site: Site) -> None:
    save_camera(site.folder, parse_camera({"name": "door", "source": "0", "gate": [GATE]}, "test"))
    for _ in range(2):
        with pytest.raises(CameraError, match="its masks are not confirmed"):
            watch(site, "door")
    assert states(site) == ["unconfirmed"]


def test_staff_are_told_of_a_camera_that_waits_for_the_articles(shop: Site) -> None:
    write_clip(shop.folder / "clip.mp4", [room(width=640, height=360)] * 4)
    add_camera(shop, "clip.mp4")
    with shop.store.write() as session:
        session.execute(update(Vector).values(model="older"))
    with pytest.raises(StoreError, match="6 pictures are not embedded"):
        watch(shop, "door")
    index(shop, 0.0)
    watch(shop, "door").run()
    assert states(shop) == ["waiting", "running", "ended"]


def test_a_file_of_noise_is_no_camera_that_ended_well(shop: Site) -> None:
    (shop.folder / "clip.mp4").write_bytes(np.random.default_rng(1).bytes(5000))
    add_camera(shop, "clip.mp4", loop=True)
    assert "not a video" in watch(shop, "door").run()
    with shop.store.read() as session:
        status = cameras.read_statuses(session)["door"]
    assert (status.state, status.cause) == ("waiting", "file_damaged")


def test_why_a_camera_gives_no_picture_is_known_before_its_models_are_loaded(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    add_camera(shop, f"rtsp://127.0.0.1:{port}/stream")

    def load(*_: object) -> None:
        wait_for(lambda: states(shop) == ["connecting"])
        raise ModelError("no weights")

    monkeypatch.setattr("services.watching.lease.BEAT_S", 0.1)
    monkeypatch.setattr("services.watching.watcher.load_site_detector", load)
    with pytest.raises(ModelError):
        watch(shop, "door")
    assert states(shop) == ["connecting", "waiting"]
    with shop.store.read() as session:
        told = [entry.payload.get("cause") for entry in journal.after(session, 0)]
    assert told[-2:] == ["refused", "weights"]


@pytest.mark.usefixtures("every_picture")
def test_a_camera_that_turns_stops_and_goes_on_when_it_is_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vision.drift.EVERY_S", 0.05)
    there, away = (
        pictures(room(width=640, height=360)),
        pictures(turned(room(width=640, height=360), 6)),
    )
    write_clip(site.folder / "clip.mp4", [*there * 4, *away * 8, *there * 6])
    add_camera(site, "clip.mp4")
    looked_at = []
    watcher = watch(site, "door")
    detect = watcher._detector.detect
    monkeypatch.setattr(
        watcher._detector,
        "detect",
        lambda image, **how: looked_at.append(len(states(site))) or detect(image, **how),
    )
    watcher.run()
    assert reference_path(site.folder, "door").is_file()
    told = states(site)
    assert told == ["running", "moved", "running", "ended"]
    # While it has moved, no model sees a picture.
    assert set(looked_at) == {1, 3}


@pytest.mark.usefixtures("every_picture")
def test_a_black_picture_closes_the_camera_and_light_opens_it_again(site: Site) -> None:
    light, dark = room(width=640, height=360), np.zeros((360, 640, 3), np.uint8)
    write_clip(site.folder / "clip.mp4", [*[light] * 15, *[dark] * 25, *[light] * 25])
    add_camera(site, "clip.mp4")
    watch(site, "door").run()
    assert states(site) == ["running", "black", "running", "ended"]


def test_one_frame_a_second_is_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vision.rate._WINDOW_S", 4.0)
    write_clip(site.folder / "clip.mp4", [room(width=640, height=360)] * 7, rate=1)
    add_camera(site, "clip.mp4")
    watch(site, "door").run()
    assert states(site) == ["running", "slow", "ended"]


def test_a_slow_recording_stays_slow_when_its_source_ends_first(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip(site.folder / "clip.mp4", [room(width=640, height=360)] * 4)
    add_camera(site, "clip.mp4")
    watcher = watch(site, "door")
    watcher._frame_rate.rate, watcher._frame_rate.slow = 1.0, True
    for state in (State.RUNNING, State.ENDED):
        status = Status(state, Cause.NONE, "", 0.0, 1.0)
        monkeypatch.setattr(watcher, "_source", SimpleNamespace(status=status))
        watcher._report_picture("")
    watcher._heart.stop()
    assert states(site) == ["slow"]


def test_a_picture_of_another_shape_is_not_looked_at(site: Site) -> None:
    write_clip(site.folder / "clip.mp4", [room(width=640, height=480)] * 8)
    seen = {"width": 1280, "height": 720, "fps": 10.0, "sharpness": 1.0, "brightness": 120.0}
    add_camera(site, "clip.mp4", picture={**seen, "flicker": 0.0, "date": "2026-05-31"})
    watcher = watch(site, "door")
    watcher.run()
    assert states(site) == ["reshaped", "ended"]


def test_the_journal_gets_the_wall_clock_time_of_a_crossing(site: Site) -> None:
    write_clip(site.folder / "clip.mp4", [room(width=640, height=360)] * 4)
    add_camera(site, "clip.mp4")
    steady, wall = [500.0], [1_800_000_000.0]
    clocks = Clocks(lambda: steady[0], lambda: wall[0])
    watcher = Watcher(site, load_camera(site.folder, "door"), clocks)
    told: list[Crossing] = []
    seen = Crossing(498.5, "entry", "door", "gate", "1", 7, ())
    watcher._write([seen], told.append)
    steady[0] += 60
    wall[0] += 60 - 2 * 3600  # somebody sets the clock back
    watcher._write([replace(seen, time=558.0)], told.append)
    watcher._heart.stop()
    times = [1_800_000_000.0 - 1.5, 1_800_000_060.0 - 7200 - 2]
    assert [crossing.time for crossing in told] == pytest.approx(times)
    with site.store.read() as session:
        entries = [e for e in journal.after(session, 0) if e.kind == "crossing"]
        assert [e.time for e in entries] == pytest.approx(times)


def test_it_can_be_stopped(site: Site) -> None:
    write_clip(site.folder / "clip.mp4", [room(width=640, height=360)] * 100)
    add_camera(site, "clip.mp4")
    watcher = watch(site, "door")
    thread = threading.Thread(target=watcher.run)
    thread.start()
    watcher.stop()
    thread.join(timeout=120)
    assert not thread.is_alive()
    assert load_camera(site.folder, "door").masks_confirmed
