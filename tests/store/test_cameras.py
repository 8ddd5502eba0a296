"""States of cameras, their leases, and the migration that brings them from the journal."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from store import Site, cameras, create_or_upgrade, journal, migrate, open_store
from store.cameras import Holder, LeaseLostError, Report
from store.database import Store

ANNA = Holder("m/1/5/a", "till", 1, 0)
BERT = Holder("m/2/6/b", "office", 2, 0)


def report(site: Site, state: str, now: float, cause: str = "", message: str = "") -> bool:
    with site.store.write() as session:
        return cameras.report(session, "door", Report(state, cause, message), now)


def test_the_journal_gets_changes_and_the_status_the_newest_words(site: Site) -> None:
    assert report(site, "stale", 10.0, "refused", "refused for 3 s")
    assert not report(site, "stale", 20.0, "refused", "refused for 13 s")
    assert report(site, "stale", 30.0, "no_video")
    with site.store.read() as session:
        told = [e.payload["cause"] for e in journal.after(session, 0)]
        status = cameras.read_statuses(session)["door"]
    assert told == ["refused", "no_video"]
    assert (status.since, status.message) == (30.0, "")


@pytest.mark.parametrize("later", ["stale", "hung", "crashed", "covered", "unchecked"])
def test_moved_outlives_whatever_comes_before_it_is_seen_in_place(site: Site, later: str) -> None:
    report(site, "moved", 1.0)
    report(site, later, 2.0)
    with site.store.read() as session:
        assert cameras.read_statuses(session)["door"].moved
    report(site, "running", 3.0)
    with site.store.read() as session:
        assert not cameras.read_statuses(session)["door"].moved


def test_one_process_holds_a_camera(site: Site) -> None:
    with site.store.write() as session:
        assert cameras.take_lease(session, "door", ANNA, None, 1.0)
        assert not cameras.take_lease(session, "door", BERT, None, 1.0)
        seen = cameras.read_holder(session, "door")
        cameras.beat(session, "door", ANNA.owner, 2.0, 2.0, 9.5)
        assert not cameras.take_lease(session, "door", BERT, seen, 2.0), "it was alive after all"
        seen = cameras.read_holder(session, "door")
        assert cameras.take_lease(session, "door", BERT, seen, 9.0)
    with site.store.write() as session:
        with pytest.raises(LeaseLostError, match="process 2 on office took this camera over"):
            cameras.check_lease(session, "door", ANNA.owner)
        cameras.release_lease(session, "door", ANNA.owner)
        assert cameras.check_lease(session, "door", BERT.owner).pid == 2
        cameras.release_lease(session, "door", BERT.owner)
        assert cameras.read_holder(session, "door") is None


def test_the_description_has_ages_and_no_owner(site: Site) -> None:
    with site.store.write() as session:
        cameras.take_lease(session, "door", ANNA, None, 1.0)
        cameras.beat(session, "door", ANNA.owner, 5.0, 4.5, 9.96)
        cameras.report(session, "door", Report("running"), 5.0)
        described = cameras.describe(cameras.read_statuses(session)["door"], 7.0)
    assert described == {
        "camera": "door",
        "state": "running",
        "cause": "",
        "problem": "",
        "ok": True,
        "since": 5.0,
        "heartbeat_age": 2.0,
        "frame_age": 2.5,
        "fps": 10.0,
    }


def test_the_migration_takes_every_cameras_newest_state_however_old(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    create_or_upgrade(url)
    migrate.downgrade(url, "0009")
    store = Store(url)
    told = [("back", "moved"), ("back", "stale"), *[("door", "running"), ("door", "stale")] * 150]
    with store.engine.begin() as connection:
        for number, (name, state) in enumerate(told):
            payload = f'{{"camera": "{name}", "state": "{state}", "problem": "p"}}'
            connection.execute(
                text(
                    "INSERT INTO journal (time, kind, room, payload) "
                    "VALUES (:time, 'camera.state', '', :payload)"
                ),
                {"time": float(number), "payload": payload},
            )
    store.close()
    for _ in range(2):  # up, down and up again keeps that it was moved
        create_or_upgrade(url)
        store = open_store(url)
        with store.read() as session:
            found = cameras.read_statuses(session)
            assert (found["back"].moved, found["door"].moved) == (True, False)
            assert found["door"].state == "stale"
            assert found["door"].message == "p"
        store.close()
        migrate.downgrade(url, "0009")


def test_renaming_a_camera_twice_keeps_its_status(site: Site) -> None:
    with site.store.write() as session:
        cameras.report(session, "door", Report("moved"), 1.0)
        for old, new in (("door", "front"), ("door", "front"), ("front", "front")):
            cameras.rename_camera(session, old, new)
    with site.store.read() as session:
        found = cameras.read_statuses(session)
        assert list(found) == ["front"]
        assert (found["front"].state, found["front"].moved) == ("moved", True)
