"""A supervisor on a stand: its children are scripts, and a test sets its clock."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from services.watching.child import Child
from services.watching.supervisor import Supervisor
from store import Site, cameras
from tests.calibration.test_drift import room
from tests.services.watching.test_watcher import add_camera, write_clip
from tests.waiting import wait_for


def status(site: Site, name: str = "door") -> dict[str, Any]:
    with site.store.read() as session:
        found = cameras.read_statuses(session).get(name)
        return {"state": "", "owner": ""} if found is None else vars(found).copy()


@pytest.fixture
def looped(shop: Site) -> Site:
    write_clip(shop.folder / "clip.mp4", [room(width=320, height=180)] * 20)
    add_camera(shop, "clip.mp4", loop=True)
    return shop


class Stand:
    """A supervisor whose children are scripts, and whose clock a test sets."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        self.now = 1000.0
        self.script = script
        monkeypatch.setattr(
            "services.watching.supervisor.watch_command",
            lambda *_: [sys.executable, "-c", self.script],
        )
        self.supervisor = Supervisor(site, True, lambda: self.now, lambda: self.now)
        self.site = site

    def until(self, state: str) -> dict[str, Any]:
        def there() -> bool:
            self.supervisor.step()
            return status(self.site)["state"] == state

        wait_for(there)
        return status(self.site)

    @property
    def child(self) -> Child:
        child = self.supervisor._slots["door"].child
        assert child is not None
        return child


@pytest.fixture
def stand(looped: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    made = Stand(looped, monkeypatch, "print('alive', flush=True); input()")
    yield made
    made.now += 100
    made.supervisor.stop()
