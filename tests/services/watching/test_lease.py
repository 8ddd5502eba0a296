"""The lease of a camera: one holder, takeover, and no write after it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from calibration import CameraError
from common.crossing import Crossing
from services.watching.lease import TAKEN_OVER_S, Heartbeat, take_camera
from services.watching.process import is_gone, this_process
from services.watching.record import Ordinals, record
from store import Site, cameras, init_site, journal
from store.cameras import Holder, LeaseLostError
from vision.clock import Clocks


@pytest.fixture(params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    if request.param == "postgresql":
        monkeypatch.setenv("FITTINGROOM_DATABASE_URL", request.getfixturevalue("postgres_url"))
    made = init_site(tmp_path / "site")
    yield made
    made.store.close()


class Time:
    """Clocks that a test moves; the wall's jumps."""

    def __init__(self) -> None:
        self.steady, self.wall, self.slept = 100.0, 5e8, 0.0
        self.clocks = Clocks(lambda: self.steady, lambda: self.wall)

    def sleep(self, seconds: float) -> None:
        self.steady += seconds
        self.slept += seconds
        self.wall -= 86400  # whatever the wall clock does


def seen(time: float = 7.0, person: int = 1) -> Crossing:
    return Crossing(time, "entry", "door", "gate", "1", person, ())


def test_a_living_holder_keeps_the_camera(site: Site) -> None:
    time = Time()
    mine = take_camera(site, "door", time.clocks, time.sleep)

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if time.slept >= 1.0:
            with site.store.write() as session:
                cameras.beat(session, "door", mine.owner, 0.0, None, None)

    with pytest.raises(CameraError, match=f"process {os.getpid()} on .* watches this camera"):
        take_camera(site, "door", time.clocks, sleep)


def test_one_that_stood_still_is_replaced_and_writes_nothing_more(site: Site) -> None:
    time = Time()
    first = take_camera(site, "door", time.clocks, time.sleep)
    heart = Heartbeat(site, "door", first, time.clocks)
    assert record(site, seen(1.0), check=heart.check)
    second = take_camera(site, "door", time.clocks, time.sleep)
    assert time.slept == pytest.approx(TAKEN_OVER_S, abs=0.5)
    with pytest.raises(LeaseLostError):
        record(site, seen(2.0), check=heart.check)
    heart.beat()
    with pytest.raises(LeaseLostError):
        heart.progress()
    assert record(site, seen(3.0), check=Heartbeat(site, "door", second, time.clocks).check)
    with site.store.read() as session:
        crossed = [e.time for e in journal.after(session, 0) if e.kind == "crossing"]
    assert crossed == [1.0, 3.0]


@pytest.mark.integration
def test_one_that_has_ended_is_replaced_at_once(site: Site) -> None:
    code = "from services.watching.process import this_process; print(this_process().owner)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    gone = Holder(ran.stdout.strip(), "here", 1, 0)
    with site.store.write() as session:
        cameras.take_lease(session, "door", gone, None, 0.0)
    time = Time()
    if not is_gone(gone):
        pytest.skip("this system does not tell when processes began")
    take_camera(site, "door", time.clocks, time.sleep)
    assert time.slept == 0.0
    assert not is_gone(this_process())


def test_a_crossing_has_the_same_key_whoever_saw_it(site: Site) -> None:
    first, again = Ordinals(), Ordinals()
    two = [seen(person=1), seen(person=2)]
    assert [record(site, c, first.next(c)) for c in two] == [True, True]
    other = [seen(person=31), seen(person=30)]
    assert [record(site, c, again.next(c)) for c in other] == [False, False]


def holder(number: int) -> Holder:
    return Holder(f"till-{number}/1/1/a", f"till-{number}", number, 0)


@pytest.mark.integration
def test_of_many_that_begin_at_once_one_gets_the_camera(site: Site) -> None:
    together = threading.Barrier(8, timeout=60)

    def take(number: int) -> bool:
        with site.store.read() as session:
            before = cameras.read_holder(session, "door")
        together.wait()
        with site.store.write() as session:
            return cameras.take_lease(session, "door", holder(number), before, 1.0)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(8)))
    assert sum(taken) == 1
    with site.store.read() as session:
        assert cameras.read_holder(session, "door") == Holder(
            **{**vars(holder(taken.index(True))), "heartbeat": 1}
        )


def test_a_takeover_waits_for_a_crossing_that_is_being_written(site: Site) -> None:
    first, second = holder(1), holder(2)
    with site.store.write() as session:
        assert cameras.take_lease(session, "door", first, None, 1.0)
    writing = threading.Event()

    def take_over() -> bool:
        assert writing.wait(60)
        with site.store.write() as session:
            before = Holder(first.owner, first.host, first.pid, 1)
            return cameras.take_lease(session, "door", second, before, 2.0)

    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(take_over)
        with site.store.write() as session:
            cameras.check_lease(session, "door", first.owner)
            writing.set()
            cameras.beat(session, "door", first.owner, 2.0, None, None)
        assert not taking.result(60)  # the heartbeat went on
    with site.store.read() as session:
        found = cameras.read_holder(session, "door")
    assert found is not None
    assert found.owner == first.owner
