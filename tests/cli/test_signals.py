"""Commands that are ended at any moment: nothing half-written, no traceback, and they can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import cv2
import pytest

from calibration import parse_camera, save_camera
from cli import main
from cli.signals import Stopped
from services.demo import shop as demo_shop
from store import Site, migrate, open_site
from store.schema import Variant
from tests.conftest import SHOP_ROWS, draw_beforehand, free_port, noise, write_feed
from vision.recording import SUFFIX, Recording

pytestmark = pytest.mark.integration

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def start(*words: object, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cli", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def last_words(process: subprocess.Popen[str]) -> str:
    """Wait for the end of a process that was told to end; returns its standard error."""
    try:
        return process.communicate(timeout=120)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise


def stop_when(
    process: subprocess.Popen[str], ready: Callable[[], bool], number: signal.Signals
) -> tuple[int, str]:
    """Send a signal as soon as something is so; returns the exit code and standard error."""
    deadline = time.monotonic() + 120
    while not ready() and process.poll() is None:
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.005)
    process.send_signal(number)
    told = last_words(process)
    assert "Traceback" not in told
    assert "Exception ignored" not in told
    return process.returncode, told


def stop_at_line(process: subprocess.Popen[str], text: str, number: signal.Signals) -> int:
    """Send a signal when a line of standard error has a text; returns the exit code."""
    err: IO[str] = process.stderr  # type: ignore[assignment]
    lines = [""]
    late = threading.Timer(120, process.kill)  # or a line that never comes is waited for
    late.start()
    for line in err:
        lines.append(line)
        if text in line:
            break
    late.cancel()
    assert text in lines[-1], lines
    process.send_signal(number)
    rest = last_words(process)
    assert "Traceback" not in rest, rest
    return process.returncode


@pytest.mark.parametrize(
    ("part", "number"),
    [
        ("cameras", signal.SIGINT),
        ("fittingroom.toml", signal.SIGTERM),
        (".fittingroom.db.*", signal.SIGINT),
    ],
)
def test_init_is_whole_or_can_be_repeated(
    tmp_path: Path, part: str, number: signal.Signals
) -> None:
    folder = tmp_path / "site"
    process = start("init", folder)
    code, _ = stop_when(process, lambda: any(folder.glob(part)), number)
    assert code in (0, CODES[number])
    again = start("init", folder)
    again.communicate(timeout=120)
    assert again.returncode == 0
    assert migrate.current_revision(open_site(folder).database_url) == migrate.head()
    assert not [path for path in folder.iterdir() if path.name.startswith(".fittingroom.db")]


def test_an_import_goes_on_where_it_was_ended(site: Site, tmp_path: Path, pictures: Path) -> None:
    feed = write_feed(tmp_path / "feed.csv", *SHOP_ROWS)
    words = ("catalogue", "import", feed, "--images", pictures, "--site", site.folder)
    assert stop_at_line(start(*words), "pictures: 0 of 6", signal.SIGINT) == 130
    again = start(*words)
    out, told = again.communicate(timeout=120)
    assert again.returncode == 0, told
    assert out == ""
    assert "pictures: 6 of 6" in told
    assert "\r" not in told
    with site.store.read() as session:
        assert session.query(Variant).count() == len(SHOP_ROWS)


@pytest.fixture
def clip(site: Site) -> Path:
    """A camera of a clip in which something moves all the time; long enough to be ended."""
    path = site.folder / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for n in range(600):
        writer.write(noise(240, 320, n))
    writer.release()
    camera = parse_camera({"name": "door", "source": "clip.avi", "gate": []}, "test")
    save_camera(site.folder, camera.confirm_masks("Anna", "2026-01-01", 320, 240))
    return path


def test_a_recording_is_whole_or_absent(site: Site, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / f"door{SUFFIX}"
    process = start("record", "door", "--out", out, "--site", site.folder)
    fresh = lambda: any(path.suffix == ".new" for path in tmp_path.iterdir())  # noqa: E731
    code, _ = stop_when(process, fresh, signal.SIGTERM)
    assert code == 143
    assert [path for path in tmp_path.iterdir() if path.is_file()] in ([], [out])
    if out.exists():
        assert list(Recording(str(out)).read())


def test_serve_ends_in_order(site: Site) -> None:
    port = free_port()
    process = start("serve", "--port", port, "--no-watchers", "--site", site.folder)
    code = stop_at_line(process, f"Insights: http://127.0.0.1:{port}/insights", signal.SIGTERM)
    assert code in (0, 143)  # 0 once it serves, which may be a moment after the line


def test_the_demo_can_be_ended_while_it_is_made(tmp_path: Path, pictures: Path) -> None:
    words = ("demo", "--site", tmp_path, "--port", free_port())
    assert stop_at_line(start(*words), "drawing articles", signal.SIGTERM) == 143
    shop = tmp_path / "shop"
    drawn = [path for path in (shop / "images").iterdir() if not path.name.startswith(".")]
    assert all(cv2.imread(str(path)) is not None for path in drawn)
    draw_beforehand(shop / "images", pictures)
    (shop / "images" / max(path.name for path in (shop / "images").iterdir())).unlink()
    assert stop_at_line(start(*words), "rendering the clip", signal.SIGINT) == 130
    assert not (shop / "entrance.mp4").exists()
    drawn = [path for path in (shop / "images").iterdir() if not path.name.startswith(".")]
    assert len(drawn) == len(demo_shop._designs())
    assert all(cv2.imread(str(path)) is not None for path in drawn)


def test_a_reader_that_goes_away_is_no_error(site: Site) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start("database", "show", "--site", site.folder, stdout=writing)
    os.close(writing)
    _, told = process.communicate(timeout=60)
    assert "Traceback" not in told
    assert "Exception ignored" not in told


def test_a_signal_within_a_destructor_is_not_lost() -> None:
    script = """
import os, signal, threading
from cli.signals import Stopped, stop_on_signals
class Closes:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(0.01)
stop_on_signals()
try:
    Closes()
    threading.Event().wait(20)
except Stopped as stopped:
    raise SystemExit(stopped.exit_code) from None
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (143, "")


def test_a_signal_ends_a_wait_that_it_did_not_interrupt() -> None:
    script = """
import signal, threading
from cli.signals import Stopped, stop_on_signals
stop_on_signals()
other = lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Timer(0.2, other).start()
try:
    threading.Event().wait()
except Stopped as stopped:
    raise SystemExit(stopped.exit_code) from None
"""
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (ended.returncode, ended.stderr) == (143, "")


def test_stopped_is_not_taken_for_an_error() -> None:
    with pytest.raises(Stopped) as caught:
        try:
            raise Stopped(signal.SIGTERM)
        except Exception:  # as code does that goes on after an error
            pytest.fail("swallowed")
    assert caught.value.exit_code == 143


def test_the_line_of_a_stop_says_what_was_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_arguments: list[str] | None) -> None:
        stop = Stopped(signal.SIGINT)
        stop.add_note("2 of 6 are kept.")
        raise stop

    monkeypatch.setattr("cli.program.run", stopped)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 130
    assert capsys.readouterr().err == "fittingroom: stopped. 2 of 6 are kept.\n"


def test_an_error_that_a_signal_caused_is_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: list[str] | None) -> None:
        raise ImportError("initialization failed")

    monkeypatch.setattr("cli.program.run", interrupted)
    with pytest.raises(ImportError):
        main([])
    monkeypatch.setattr("cli.signals._received", [signal.SIGTERM])
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 143


#: As `python -m cli` does, with another command.
AS_MODULE = """
import functools, multiprocessing, runpy, sys
import cli
from cli.signals import Stopped, stop_on_signals

# One write a line: two processes share the pipe.
WORK = "import sys, time; sys.stderr.write('working' + chr(10)); time.sleep(60)"

def command():
    stop_on_signals()
    try:
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            pool.map(functools.partial(exec, WORK), [{}, {}])
    except Stopped as stop:
        print("stopped", file=sys.stderr)
        sys.exit(stop.exit_code)

cli.main = command
runpy.run_module("cli", run_name="__main__", alter_sys=True)
"""


def test_workers_of_the_module_print_nothing_either() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", AS_MODULE], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert stopped_by(process, signal.SIGINT) == (CODES[signal.SIGINT], "stopped\n")


def stopped_by(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Stop a command and its two workers at work; returns its exit code and what it said then."""
    assert process.stderr is not None
    with process:
        try:
            assert [process.stderr.readline() for _ in range(2)] == ["working\n"] * 2
            os.killpg(process.pid, number)
            _, rest = process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, rest


#: As the installed command does: workers that are spawned import the script, and cli with it.
WORKERS = """
import multiprocessing, sys, time
import cli
from cli.signals import Stopped, stop_on_signals
def work(number):
    sys.stderr.write("working\\n")
    time.sleep(60)

if __name__ == "__main__":
    stop_on_signals()
    try:
        with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
            pool.map(work, range(2))
    except Stopped as stop:
        print("stopped", file=sys.stderr)
        sys.exit(stop.exit_code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_workers_print_nothing_when_a_terminal_stops_their_command(
    tmp_path: Path, method: str, number: signal.Signals
) -> None:
    script = tmp_path / "command"
    script.write_text(WORKERS)
    process = subprocess.Popen(
        [sys.executable, script, method], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert stopped_by(process, number) == (CODES[number], "stopped\n")
