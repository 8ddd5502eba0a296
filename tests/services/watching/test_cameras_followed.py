"""A running server takes up what becomes of its cameras, whoever changed them."""

from __future__ import annotations

from calibration.address import Credentials
from calibration.credentials import save_credentials
from services.cameras import setup as service
from store import Site, cameras
from store.cameras import Report
from tests.services.watching.conftest import Stand, status
from tests.services.watching.test_watcher import add_camera
from tests.waiting import wait_for


def names(stand: Stand) -> set[str]:
    stand.supervisor.step()
    return {name for name, slot in stand.supervisor._slots.items() if slot.child is not None}


def test_a_disabled_camera_has_no_watcher(stand: Stand) -> None:
    stand.until("starting")
    first = stand.child
    service.enable_camera(stand.site, "door", False, stand.now)
    assert stand.until("disabled")["cause"] == ""
    assert first.code is not None
    assert not names(stand)
    service.enable_camera(stand.site, "door", True, stand.now)
    stand.until("starting")


def test_another_password_starts_the_watcher_anew(stand: Stand) -> None:
    add_camera(stand.site, "rtsp://127.0.0.1:1/x")
    save_credentials(stand.site.folder, "door", Credentials("admin", "old"))
    # Not its state: that is soon "connecting", as nothing answers at this address.
    wait_for(lambda: names(stand) == {"door"})
    first = stand.child.pid
    service.change_address(stand.site, "door", service.Entry(password="new"))

    def is_new() -> bool:
        return names(stand) == {"door"} and stand.child.pid != first

    wait_for(is_new)


def test_another_address_is_not_watched_before_its_masks_are_confirmed(
    stand: Stand,
) -> None:
    stand.until("starting")
    service.change_address(stand.site, "door", service.Entry("rtsp://127.0.0.1:1/x"))
    stand.until("unconfirmed")
    assert not names(stand)


def test_a_renamed_camera_is_watched_under_its_new_name_and_stays_closed_if_it_was_moved(
    stand: Stand,
) -> None:
    stand.until("starting")
    with stand.site.store.write() as session:
        cameras.report(session, "door", Report("moved"), stand.now)
    service.rename_camera(stand.site, "door", "front", stand.now)
    wait_for(lambda: names(stand) == {"front"})
    assert status(stand.site)["state"] == ""
    assert status(stand.site, "front")["moved"]


def test_a_removed_camera_is_let_go_and_forgotten(stand: Stand) -> None:
    stand.until("starting")
    first = stand.child
    service.remove_camera(stand.site, "door", stand.now)
    wait_for(lambda: not names(stand) and "door" not in stand.supervisor._slots)
    assert first.code is not None
    assert status(stand.site)["state"] == ""


def test_states_name_no_password(looped: Site) -> None:
    address = "rtsp://admin:S3cret@cam/x"
    with looped.store.write() as session:
        cameras.report(session, "door", Report("crashed", "exit_1", f"{address}: no"), 1.0)
    assert status(looped)["message"] == "rtsp://***@cam/x: no"


def test_the_last_message_of_a_watcher_is_masked(stand: Stand) -> None:
    stand.script = "import sys; sys.exit('rtsp://admin:S3cret@cam/x failed')"
    assert "S3cret" not in stand.until("crashed")["message"]
