from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from store import Site, backup, create_or_upgrade, journal, migrate, open_site, open_store

pytestmark = pytest.mark.integration

ADDRESS = "rtsp://admin:S3cret-pw@cam-3/stream?pwd=S3cret-pw"


def raw_bytes(folder: Path) -> bytes:
    """Read every file of a site."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def written_before(empty_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a site whose journal an older version wrote, to be copied.

    Some entries are deleted, the rest are large.
    """
    site = open_site(shutil.copytree(empty_site, tmp_path_factory.mktemp("old") / "site"))
    payload = {"camera": "door", "problem": f"{ADDRESS}: no answer", "more": ["x" * 300, {"a": 1}]}
    with site.store.write() as session:
        for number in range(300):
            session.execute(
                text("INSERT INTO journal (time, kind, room, payload) VALUES (:t, :k, '', :p)"),
                {"t": number, "k": "camera.state", "p": json.dumps(payload)},
            )
        session.execute(text("DELETE FROM journal WHERE id % 3 = 0"))
    site.store.close()
    migrate.downgrade(site.database_url, "0005")
    return site.folder


@pytest.fixture
def old(site: Site, written_before: Path) -> Site:
    """A site whose journal an older version wrote."""
    site.store.close()
    shutil.rmtree(site.folder)
    shutil.copytree(written_before, site.folder)
    return site


def test_an_update_leaves_no_password_in_any_file(old: Site) -> None:
    assert b"S3cret-pw" in raw_bytes(old.folder)
    open_store(old.database_url).close()  # as every command opens it
    assert b"S3cret-pw" not in raw_bytes(old.folder)
    store = open_store(old.database_url)
    with store.read() as session:
        told = journal.after(session, 0)[-1].payload
    assert told["problem"] == "rtsp://***@cam-3/stream?pwd=***: no answer"
    assert told["more"] == ["x" * 300, {"a": 1}]
    store.close()


def test_the_copies_made_before_an_update_are_cleaned_and_can_be_gone_back_to(old: Site) -> None:
    open_store(old.database_url).close()
    copies = backup.list_backups(old.folder / "fittingroom.db")
    [copy] = [path for path in copies if "-0005-" in path.name]
    assert migrate.current_revision(f"sqlite:///{copy}") == "0005"
    assert copy.stat().st_mode & 0o777 == 0o600
    migrate.restore(old.database_url, copy)
    store = open_store(old.database_url)
    with store.read() as session:
        entries = journal.after(session, 0)
        assert entries[-1].payload["problem"].endswith(": no answer")
        assert len(entries) == 200
    store.close()


def test_the_update_can_be_taken_back_and_done_again(old: Site) -> None:
    create_or_upgrade(old.database_url)
    migrate.downgrade(old.database_url, "0005")
    create_or_upgrade(old.database_url)
    assert b"S3cret-pw" not in raw_bytes(old.folder)


def test_nothing_enters_the_journal_with_a_password(site: Site) -> None:
    with site.store.write() as session:
        entry = journal.append(session, time.time(), "camera.state", "", {"problem": ADDRESS})
        assert entry is not None
    with site.store.read() as session:
        [written] = journal.after(session, 0)
        assert written.payload == {"problem": "rtsp://***@cam-3/stream?pwd=***"}
