"""States of cameras as a command sees them, which no supervisor keeps true."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from services.watching.process import this_process
from services.watching.status import camera_states
from store import Site, cameras
from store.cameras import Report
from tests.services.watching.test_watcher import add_camera


def seen(site: Site, alone: bool = True) -> tuple[str, bool]:
    with site.store.read() as session:
        (state,) = camera_states(session, site, 1000.0, alone)
    return state["state"], state["ok"]


@pytest.fixture
def watched(site: Site) -> Site:
    add_camera(site, "clip.mp4")
    with site.store.write() as session:
        assert cameras.take_lease(session, "door", this_process(), None, 990.0)
        cameras.report(session, "door", Report("running"), 990.0)
    return site


def test_a_camera_runs_as_long_as_its_watcher_does(watched: Site) -> None:
    assert seen(watched) == ("running", True)
    with watched.store.write() as session:
        holder = cameras.read_holder(session, "door")
        assert holder is not None
        cameras.release_lease(session, "door", holder.owner)
    assert seen(watched) == ("unwatched", False)
    assert seen(watched, alone=False) == ("running", True)  # its server is about to say so


def test_a_killed_watcher_leaves_no_camera_that_runs(watched: Site) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = this_process()
    machine, _, began, token = mine.owner.rsplit("/", 3)
    gone = replace(mine, owner=f"{machine}/{ended.pid}/{began}/{token}", pid=ended.pid)
    with watched.store.write() as session:
        before = cameras.read_holder(session, "door")
        assert cameras.take_lease(session, "door", gone, before, 995.0)
    assert seen(watched) == ("crashed", False)


def test_what_began_long_ago_has_not_begun(site: Site) -> None:
    add_camera(site, "clip.mp4")
    for began, state in ((990.0, "starting"), (900.0, "unwatched")):
        with site.store.write() as session:
            cameras.forget_camera(session, "door")
            cameras.report(session, "door", Report("starting"), began)
        assert seen(site)[0] == state


def test_a_trouble_outlives_its_watcher(site: Site) -> None:
    add_camera(site, "clip.mp4")
    with site.store.write() as session:
        cameras.report(session, "door", Report("moved"), 990.0)
    assert seen(site) == ("moved", False)
