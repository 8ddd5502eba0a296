"""Watchers and their server: kills, stops, typos, and who may watch a camera."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import load_camera
from calibration.address import Credentials
from calibration.credentials import save_credentials
from calibration.files import camera_path
from services.watching import source_check
from services.watching.child import Child
from services.watching.claim import SiteClaim
from services.watching.source_check import SourceCheck
from services.watching.supervisor import HUNG_S, Supervisor
from store import Site, StoreError, cameras
from store.cameras import Report
from tests.conftest import free_port
from tests.services.watching.conftest import Stand, status
from tests.services.watching.test_watcher import add_camera
from tests.vision.sources.test_stream import rtsp, server, silent
from tests.waiting import wait_for

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


def start(site: Site, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli", *words, "--site", str(site.folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def test_a_killed_server_takes_its_watcher_along_and_the_next_one_goes_on(
    looped: Site, processes: list[subprocess.Popen[str]]
) -> None:
    port = str(free_port())
    processes.append(start(looped, "serve", "--port", port))
    wait_for(lambda: status(looped)["state"] == "running")
    watcher = status(looped)["pid"]
    second = start(looped, "serve", "--port", str(free_port()))
    alone = start(looped, "watch", "door")
    processes += [second, alone]
    for process, said in ((second, "serves this site already"), (alone, "watches this camera")):
        _, error = process.communicate(timeout=240)
        assert process.returncode == 2
        assert said in error
    os.kill(watcher, signal.SIGSTOP)  # a stopped one goes too
    processes[0].kill()
    wait_for(lambda: has_ended(watcher))
    processes.append(start(looped, "serve", "--port", port))
    wait_for(lambda: status(looped)["pid"] not in (watcher, None) and status(looped)["fps"])
    assert status(looped)["state"] == "running"


def test_a_watcher_without_a_heartbeat_is_killed_and_started_again(stand: Stand) -> None:
    stand.until("starting")
    first = stand.child
    wait_for(lambda: first.silent_s >= 0)
    stand.now += HUNG_S + 1
    assert stand.until("hung")["cause"] == "no_heartbeat"
    wait_for(lambda: first.code == -signal.SIGKILL)
    stand.supervisor.step()
    stand.now += 5
    stand.supervisor.step()
    assert stand.child.pid != first.pid
    assert status(stand.site)["state"] == "hung"  # until it runs


def test_the_last_message_of_a_watcher_that_crashes_is_its_cause(stand: Stand) -> None:
    stand.script = "import sys; sys.exit('fittingroom: no memory left')"
    found = stand.until("crashed")
    assert found["cause"] == "exit_1"
    assert "no memory left" in found["message"]
    stand.script = "import sys; print('fittingroom: no weights', file=sys.stderr); sys.exit(2)"
    stand.now += 100
    found = stand.until("waiting")
    assert found["message"] == "no weights"


def test_a_typo_is_that_cameras_alone_and_is_over_when_it_is_mended(stand: Stand) -> None:
    add_camera(stand.site, "clip.mp4", name="back")
    stand.until("starting")
    path = camera_path(stand.site.folder, "door")
    good = path.read_text()
    path.write_text(good + "\nmaskk = 1\n")
    found = stand.until("broken")
    assert found["cause"] == "file"
    assert "maskk" in found["message"]
    assert stand.supervisor._slots["back"].child is not None
    path.write_text(good)
    stand.until("starting")
    assert stand.child.code is None


def test_a_film_that_has_ended_is_not_played_again(stand: Stand) -> None:
    stand.script = "pass"
    stand.until("starting")
    first = stand.child
    with stand.site.store.write() as session:
        cameras.report(session, "door", Report("ended"), 1.0)
    wait_for(lambda: first.code == 0)
    stand.supervisor.step()
    for _ in range(3):
        stand.supervisor.restart()  # as an import of the catalogue does
        stand.now += 100
        stand.supervisor.step()
        assert stand.supervisor._slots["door"].child is None
    add_camera(stand.site, "other.mp4")
    stand.supervisor.step()
    assert stand.child.pid != first.pid


def test_a_watcher_that_leaves_a_running_camera_is_started_again(stand: Stand) -> None:
    stand.script = "pass"
    stand.until("starting")
    first = stand.child
    wait_for(lambda: first.code == 0)
    stand.supervisor.step()
    stand.now += 2
    stand.supervisor.step()
    assert stand.child.pid != first.pid


def test_who_calibrates_a_camera_has_it_alone(stand: Stand) -> None:
    stand.until("starting")
    first = stand.child
    stand.supervisor.hold("door")
    stand.until("calibrating")
    assert first.code is not None
    stand.supervisor.release("door")
    stand.until("starting")


def test_a_camera_that_another_process_watches_keeps_that_ones_state(
    looped: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [50.0]
    supervisor = Supervisor(looped, False, lambda: now[0], lambda: now[0])
    supervisor.step()
    assert status(looped)["state"] == "unwatched"
    other = cameras.Holder("elsewhere/1/1/a", "till", 1, 0)
    with looped.store.write() as session:
        assert cameras.take_lease(session, "door", other, None, 1.0)
        cameras.report(session, "door", Report("running"), 1.0)
    for _ in range(20):
        now[0] += 1
        with looped.store.write() as session:
            cameras.beat(session, "door", other.owner, 1.0, 1.0, 9.0)
        supervisor.step()
        assert status(looped)["state"] == "running"
    now[0] += HUNG_S + 1
    supervisor.step()
    found = status(looped)
    assert found["state"] == "hung"
    assert "process 1 on till" in found["message"]


def test_a_site_has_one_owner_until_it_lets_go(site: Site) -> None:
    first, second = SiteClaim(site.folder), SiteClaim(site.folder)
    first.take()
    with pytest.raises(StoreError, match=rf"process {os.getpid()} on .* --no-watchers"):
        second.take()
    first.release()
    second.take()
    second.release()


@pytest.fixture
def slow(shop: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Add a camera whose watcher never comes up, and wait for its state."""
    monkeypatch.setattr(source_check, "HEAD_START_S", 0.0)
    made: list[Stand] = []

    def find(source: str, state: str, credentials: Credentials | None = None) -> dict[str, Any]:
        add_camera(shop, source)
        if credentials:
            save_credentials(shop.folder, "door", credentials)
        made.append(Stand(shop, monkeypatch, "import time; time.sleep(60)"))
        made[-1].supervisor.step()
        wait_for(lambda: status(shop)["state"] == state)
        return status(shop)

    yield find
    for stand in made:
        stand.supervisor.stop()


def test_a_refused_connection_is_reported_before_the_watcher_is_up(
    slow: Callable[..., dict[str, Any]],
) -> None:
    with socket.socket() as closed:  # a port at which nothing listens
        closed.bind(("127.0.0.1", 0))
        found = slow(f"rtsp://127.0.0.1:{closed.getsockname()[1]}/stream", "connecting")
    assert found["cause"] == "refused"


def test_a_wrong_password_is_reported_before_the_watcher_is_up(
    slow: Callable[..., dict[str, Any]],
) -> None:
    answer = '401 Unauthorized\r\nWWW-Authenticate: Basic realm="cam"'
    with server(rtsp(answer)) as port:
        source = f"rtsp://127.0.0.1:{port}/stream"
        found = slow(source, "connecting", Credentials("admin", "s3cret"))
    assert found["cause"] == "wrong_password"
    assert "s3cret" not in found["message"]


def test_a_silent_camera_is_reported_before_the_watcher_is_up(
    slow: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_check, "OPEN_S", 0.5)
    with server(silent) as port:
        assert slow(f"rtsp://127.0.0.1:{port}/stream", "connecting")["cause"] == "no_video"


def test_a_file_of_noise_is_reported_before_the_watcher_is_up(
    shop: Site, slow: Callable[..., dict[str, Any]]
) -> None:
    (shop.folder / "noise.mp4").write_bytes(np.random.default_rng(1).bytes(30_000))
    assert slow("noise.mp4", "waiting")["cause"] == "file_damaged"


def test_a_camera_that_its_watcher_has_taken_is_not_opened_by_the_server(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_check, "HEAD_START_S", 0.0)
    opened: list[str] = []
    monkeypatch.setattr(source_check, "check_source", lambda source, _: opened.append(source))
    checks = SourceCheck(shop, lambda: 1.0)
    child = Child([sys.executable, "-c", "input()"])
    try:
        with server(silent) as port:
            add_camera(shop, f"rtsp://127.0.0.1:{port}/stream")
            camera = load_camera(shop.folder, "door")
            with shop.store.write() as session:
                cameras.report(session, "door", Report("starting"), 1.0)
            checks._run(camera, child)
            mine = cameras.Holder("here/1", "till", child.pid, 0)
            with shop.store.write() as session:
                assert cameras.take_lease(session, "door", mine, None, 1.0)
            checks._run(camera, child)
    finally:
        child.kill()
        wait_for(lambda: child.code is not None)
        child.close()
    assert opened == [camera.source]
