"""Cameras that are calibrated: opened once, kept while a page asks, let go after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Camera, CameraError, load_camera, parse_camera, save_camera
from calibration.drift import reference_path
from services.cameras import sessions
from services.cameras.sessions import Sessions, replace_camera
from services.events import Event, Events
from store import Site, journal

MASK = {"points": [[0.0, 0.0], [0.25, 0.0], [0.25, 1.0]]}
NAMES: tuple[Event, ...] = ("camera.opened", "camera.closed", "camera.changed")


class FakeSession:
    """In place of a session that would open a camera."""

    def __init__(self, camera: Camera, source: str, _detector: object, _rate: float) -> None:
        self.camera, self.source, self.running = camera, source, False

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def use(self, camera: Camera) -> None:
        self.camera = camera


@pytest.fixture
def doors(site: Site) -> Site:
    for name in ("door", "back"):
        save(site, name)
    return site


def save(site: Site, name: str, source: str = "none.mp4", **parts: Any) -> Camera:
    camera = parse_camera({"name": name, "source": source, **parts}, "test")
    save_camera(site.folder, camera)
    return camera


class Desk:
    """Sessions whose clock a test sets, and what they told of themselves."""

    def __init__(self, site: Site) -> None:
        self.now, self.told = 1000.0, list[tuple[str, str]]()
        events = Events()
        for name in NAMES:
            events.subscribe(name, self._note(name))
        self.sessions = Sessions(site, events, lambda: self.now)

    def _note(self, name: str) -> Callable[[str], None]:
        return lambda camera: self.told.append((name.removeprefix("camera."), camera))

    def get(self, name: str, page: str | None = None) -> FakeSession:
        found: Any = self.sessions.get(name, page)
        assert isinstance(found, FakeSession)
        return found


@pytest.fixture
def desk(doors: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(sessions, "Session", FakeSession)
    monkeypatch.setattr(sessions, "load_site_detector", lambda *_: object())
    made = Desk(doors)
    yield made
    made.sessions.stop()


def test_a_camera_is_opened_once_for_all_pages(desk: Desk) -> None:
    first = desk.get("door")
    assert first.running
    assert desk.get("door") is first
    assert desk.get("back") is not first
    assert desk.told == [("opened", "door"), ("opened", "back")]


def test_a_camera_is_closed_when_its_last_page_leaves(desk: Desk) -> None:
    door = desk.get("door", "tablet")
    assert desk.get("door", "phone") is door
    desk.get("door")  # a step's request names no page
    desk.sessions.leave("door", "stranger")
    desk.sessions.leave("door", "tablet")
    desk.sessions.leave("door", "tablet")
    assert door.running
    desk.sessions.leave("door", "phone")
    assert not door.running
    assert desk.told == [("opened", "door"), ("closed", "door")]
    desk.sessions.leave("door", "phone")
    desk.now += 3
    assert desk.get("door", "phone").running  # the browser's Back


@pytest.mark.parametrize("page", ["phone", None])
def test_what_a_page_sent_before_it_left_opens_no_camera(desk: Desk, page: str | None) -> None:
    desk.get("door", "phone")
    desk.sessions.leave("door", "phone")
    desk.now += 1
    with pytest.raises(CameraError, match="closed just now"):
        desk.get("door", page)
    assert desk.told == [("opened", "door"), ("closed", "door")]
    assert desk.get("door", "tablet").running  # another page opens it at once
    assert desk.get("door", page).running


def test_a_page_that_went_without_a_word_keeps_no_camera_open(desk: Desk) -> None:
    door = desk.get("door", "lost")
    desk.now += 44
    desk.get("door", "phone")
    desk.now += 2
    desk.sessions.leave("door", "phone")
    assert not door.running


def test_a_camera_that_no_page_asks_for_is_let_go(desk: Desk) -> None:
    door, back = desk.get("door"), desk.get("back")
    desk.now += 40
    desk.get("door")
    desk.now += 10
    desk.sessions.sweep()
    assert (door.running, back.running) == (True, False)
    assert desk.told[-1] == ("closed", "back")
    assert desk.get("back") is not back


def test_what_a_command_changed_is_used(desk: Desk, doors: Site) -> None:
    session = desk.get("door")
    changed = save(doors, "door", mask=[MASK])
    assert desk.get("door") is session
    assert session.camera == changed


@pytest.mark.parametrize("change", [{"source": "other.mp4"}, {"enabled": False}])
def test_another_address_or_a_disabled_camera_ends_its_session(
    desk: Desk, doors: Site, change: dict[str, Any]
) -> None:
    before = desk.get("door")
    save(doors, "door", **change)
    if "source" in change:
        assert desk.get("door").source.endswith("other.mp4")
    else:
        with pytest.raises(CameraError, match="disabled"):
            desk.get("door")
    assert not before.running


def test_a_removed_camera_ends_its_session(desk: Desk, doors: Site) -> None:
    session = desk.get("door")
    (doors.folder / "cameras" / "door.toml").unlink()
    with pytest.raises(CameraError):
        desk.get("door")
    assert not session.running


def test_what_is_saved_is_in_the_file_the_session_and_told(desk: Desk, doors: Site) -> None:
    session, known = desk.get("door"), load_camera(doors.folder, "door")
    drawn = parse_camera({"name": "door", "source": "none.mp4", "mask": [MASK]}, "test")
    desk.sessions.save(drawn, known)
    assert load_camera(doors.folder, "door") == session.camera == drawn
    assert desk.told[-1] == ("changed", "door")
    with pytest.raises(CameraError, match="changed meanwhile"):
        desk.sessions.save(known, known)
    assert load_camera(doors.folder, "door") == drawn


def test_other_masks_need_another_reference(doors: Site) -> None:
    reference = reference_path(doors.folder, "door")
    reference.parent.mkdir(parents=True, exist_ok=True)

    def kept(camera: Camera) -> bool:
        reference.write_bytes(b"a picture")
        replace_camera(doors, camera)
        return reference.exists()

    door = load_camera(doors.folder, "door")
    assert kept(door.model_copy(update={"loop": True}))
    masked = parse_camera({"name": "door", "source": "none.mp4", "mask": [MASK]}, "test")
    assert not kept(masked)
    assert not kept(masked.confirm_masks("Anna", "2026-05-31", 1280, 720))


def test_drafts_are_kept_until_the_camera_is_forgotten(desk: Desk) -> None:
    draft = desk.sessions.draft("door")
    draft.places.append(np.zeros(4))
    desk.sessions.close()
    assert desk.sessions.draft("door") is draft
    session = desk.get("door")
    desk.sessions.forget("door")
    assert desk.sessions.draft("door") is not draft
    assert not session.running
    assert desk.told[-2:] == [("closed", "door"), ("changed", "door")]


def test_the_matcher_is_built_again_when_the_catalogue_has_changed(
    desk: Desk, doors: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "build_matcher", lambda _site: object())
    first = desk.sessions.matcher()
    assert desk.sessions.matcher() is first
    with doors.store.write() as session:
        journal.append(session, 1.0, "catalogue.changed", "", {})
    assert desk.sessions.matcher() is not first


def test_all_are_let_go_at_the_end(desk: Desk, tmp_path: Path) -> None:
    opened = [desk.get("door"), desk.get("back")]
    desk.sessions.stop()
    assert not any(session.running for session in opened)
