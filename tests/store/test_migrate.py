"""Every migration forth and back, on SQLite and PostgreSQL, with rows in the tables."""

from __future__ import annotations

import itertools
import multiprocessing
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table, create_engine, inspect, select, text

from store import Site, StoreError, access, backup, create_or_upgrade, journal, migrate, open_store
from store.locking import locked, sqlite_file
from store.schema import Base
from tests.store.opening import open_together

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 26, 12, 30)
FIRST = migrate.revisions()[0]
EARLIER = migrate.revisions()[-2]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    yield request.getfixturevalue("postgres_url")


def tables(url: str) -> MetaData:
    engine, metadata = create_engine(url), MetaData()
    metadata.reflect(engine)
    engine.dispose()
    return metadata


def value_of(table: Table, name: str, row: int) -> Any:
    """A value of a column's type; rows differ, so that unique ones are."""
    column = table.columns[name]
    if column.foreign_keys:
        return row
    kind = column.type.python_type if column.type.__visit_name__ != "JSON" else list
    if (table.name, name) == ("view", "source"):
        return "held"  # others are deleted on the way back
    if table.name == "journal" and name == "payload":
        return {"row": row, "text": "naïve ✓"}
    made = {int: row, str: f"{name} {row}", float: row + 0.5, bool: row % 2 == 0,
            bytes: bytes([row]), list: [row, "x"]}  # fmt: skip
    return made[kind]


def fill(url: str) -> None:
    """Put two rows into each table."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in tables(url).sorted_tables:
            if table.name != "alembic_version":
                rows = [{c.name: value_of(table, c.name, n) for c in table.columns} for n in (1, 2)]
                connection.execute(table.insert(), rows)
    engine.dispose()


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(
                (dict(row._mapping) for row in connection.execute(select(table))), key=repr
            )
            for table in tables(url).sorted_tables
            if table.name != "alembic_version"
        }
    engine.dispose()
    return found


def shape(url: str) -> dict[str, Any]:
    """Columns, keys and indexes of all tables."""
    engine = create_engine(url)
    look = inspect(engine)
    found = {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)),
            sorted(i["name"] or "" for i in look.get_indexes(name)),
            sorted(u["name"] or "" for u in look.get_unique_constraints(name)),
            sorted(f["name"] or "" for f in look.get_foreign_keys(name)),
            look.get_pk_constraint(name)["constrained_columns"],
        )
        for name in look.get_table_names()
    }
    engine.dispose()
    return found


def same_where_both_have_it(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name in before.keys() & after.keys():
        for old, new in itertools.zip_longest(before[name], after[name]):
            assert old is not None, f"{name}: a row was added"
            assert new is not None, f"{name}: a row was lost"
            both = old.keys() & new.keys()
            assert {k: old[k] for k in both} == {k: new[k] for k in both}, name


def upgrade_to(url: str, revision: str) -> None:
    with locked(url) as connection:
        migrate._run("upgrade", connection, revision)


def test_every_migration_goes_back_and_forth_and_keeps_the_rows(url: str) -> None:
    shapes = {}
    for revision in migrate.revisions():
        upgrade_to(url, revision)
        shapes[revision] = shape(url)
    fill(url)
    before = contents(url)
    for revision in migrate.revisions()[-2::-1]:
        migrate.downgrade(url, revision)
        assert shape(url) == shapes[revision], revision
        after = contents(url)
        same_where_both_have_it(before, after)
        before = after
    with locked(url) as connection:
        migrate._run("downgrade", connection, "base")
    assert tables(url).tables.keys() == {"alembic_version"}
    create_or_upgrade(url)
    assert shape(url) == shapes[migrate.head()]


def test_rows_of_the_first_version_come_through_every_update(url: str) -> None:
    upgrade_to(url, FIRST)
    fill(url)
    before = contents(url)
    create_or_upgrade(url)
    same_where_both_have_it(before, contents(url))
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        if engine.dialect.name == "sqlite":
            made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'journal'"))
            assert "AUTOINCREMENT" in made  # or a deleted event's id would be used twice
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()


def test_accounts_whose_names_differ_by_case_alone_both_stay(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_to(url, "0005")
    with create_engine(url).begin() as connection:
        for name in ("Anna", "anna", "ANNA", "Jörg  Straße"):
            connection.execute(
                text(
                    "INSERT INTO account (name, role, secret, created_at) VALUES (:n, 'x', 'x', 0)"
                ),
                {"n": name},
            )
    create_or_upgrade(url)
    store = open_store(url)
    with store.read() as session:
        for name in ("Anna", "anna", "ANNA"):
            assert getattr(access.find_account(session, name), "name", "") == name
        assert getattr(access.find_account(session, "aNNa"), "name", "") == "Anna"
        assert access.find_account(session, "JÖRG STRASSE")
    store.close()


@pytest.fixture(scope="module")
def earlier_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the version before, with rows, to be copied."""
    path = tmp_path_factory.mktemp("earlier") / "shop.db"
    upgrade_to(f"sqlite:///{path}", EARLIER)
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture
def earlier(earlier_made: Path, tmp_path: Path) -> Path:
    """A database of the version before, with rows."""
    return Path(shutil.copy(earlier_made, tmp_path))


def test_an_update_copies_the_database_first(earlier: Path) -> None:
    before = contents(f"sqlite:///{earlier}")
    create_or_upgrade(f"sqlite:///{earlier}", NOW)
    (copy,) = backup.list_backups(earlier)
    assert copy == earlier.parent / "backups" / f"shop-{EARLIER}-20261126-123000.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert contents(f"sqlite:///{copy}") == before
    create_or_upgrade(f"sqlite:///{earlier}", NOW)
    open_store(f"sqlite:///{earlier}").close()
    assert backup.list_backups(earlier) == [copy], "a copy only where a migration is due"


def test_the_newest_three_copies_are_kept(earlier: Path) -> None:
    (earlier.parent / "backups").mkdir()
    other = earlier.parent / "backups" / "mine.db"
    other.write_text("somebody's own")
    made = [backup.back_up(earlier, EARLIER, NOW.replace(minute=n)) for n in range(5)]
    assert backup.list_backups(earlier) == made[:1:-1]
    assert other.exists()


def test_an_update_without_room_for_the_copy_changes_nothing(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=2**20))
    with pytest.raises(StoreError, match="1 MB free.*nothing was"):
        open_store(f"sqlite:///{earlier}")
    assert migrate.current_revision(f"sqlite:///{earlier}") == EARLIER
    assert not backup.list_backups(earlier)


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_to(url, FIRST)
    fill(url)
    before, run = contents(url), migrate._run

    def break_off(step: Literal["upgrade", "downgrade"], connection: Any, revision: str) -> None:
        run(step, connection, revision)
        raise KeyboardInterrupt

    monkeypatch.setattr(migrate, "_run", break_off)
    with pytest.raises(KeyboardInterrupt):
        create_or_upgrade(url)
    assert migrate.current_revision(url) == FIRST
    assert contents(url) == before


@pytest.mark.parametrize("there", [True, False])
def test_processes_that_open_at_once_migrate_once(url: str, there: bool) -> None:
    if there:
        upgrade_to(url, FIRST)
        fill(url)
    context = multiprocessing.get_context("spawn")
    together, done = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=open_together, args=(url, together, done)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    assert [done.get(timeout=120) for _ in processes] == ["", ""]
    for process in processes:
        process.join(timeout=30)
    assert migrate.current_revision(url) == migrate.head()
    if there and (path := sqlite_file(url)):
        assert len(backup.list_backups(path)) == 1


def test_the_way_back_to_an_earlier_version(site: Site) -> None:
    """As docs/how-to/backup-and-update.md says: go back by the command, or by the copy."""
    url, path = site.database_url, sqlite_file(site.database_url)
    assert path is not None
    with site.store.write() as session:
        journal.append(session, 5.0, "note", "", {"kept": True})
    site.store.close()
    assert migrate.downgrade(url, EARLIER, NOW) == migrate.head()
    (copy,) = backup.list_backups(path)
    with pytest.raises(StoreError, match="not earlier"):
        migrate.downgrade(url, migrate.head())
    with pytest.raises(StoreError, match="known: 0001"):
        migrate.downgrade(url, "0000")
    path.write_bytes(b"")  # as after a full disk
    aside = migrate.restore(url, copy, NOW)
    assert aside is not None
    assert aside.read_bytes() == b""
    store = open_store(url)
    with store.read() as session:
        assert [entry.payload for entry in journal.after(session, 0)] == [{"kept": True}]
    store.close()


def empty(path: Path, _whole: Path) -> None:
    path.write_bytes(b"")


def text_file(path: Path, _whole: Path) -> None:
    path.write_bytes(b"not a database, not at all" * 100)


def folder(path: Path, _whole: Path) -> None:
    path.mkdir()


def others(path: Path, _whole: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmark (id INTEGER)")
    connection.close()


def truncated(path: Path, whole: Path) -> None:
    path.write_bytes(whole.read_bytes()[:20_000])


def header_only(path: Path, whole: Path) -> None:
    path.write_bytes(whole.read_bytes()[:60])


def missing(_path: Path, _whole: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (empty, "empty .*fittingroom database restore"),
        (text_file, "not a fittingroom database"),
        (folder, "is a folder"),
        (others, "another program"),
        (truncated, "malformed.*fittingroom database restore"),
        (header_only, "fittingroom database restore"),
        (missing, "fittingroom init"),
    ],
)
def test_what_is_no_database_is_one_clear_error(
    empty_site: Path, tmp_path: Path, spoil: Callable[[Path, Path], None], said: str
) -> None:
    path = tmp_path / "shop.db"
    spoil(path, empty_site / "fittingroom.db")
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=said):
        open_store(f"sqlite:///{path}")
    if spoil is not missing:
        with pytest.raises(StoreError, match=said):
            create_or_upgrade(f"sqlite:///{path}")
    assert (path.read_bytes() if path.is_file() else None) == before, "nothing is changed"


@pytest.mark.parametrize("spoil", [empty, text_file, others, truncated, header_only])
def test_what_is_no_copy_is_named_and_not_restored(
    site: Site, empty_site: Path, tmp_path: Path, spoil: Callable[[Path, Path], None]
) -> None:
    """The fault is the copy's: neither the settings nor the shop's database is blamed."""
    copy = tmp_path / "usb" / "copy.db"
    copy.parent.mkdir()
    spoil(copy, empty_site / "fittingroom.db")
    with pytest.raises(StoreError, match=r"copy\.db: no copy .*nothing was changed") as error:
        migrate.restore(site.database_url, copy, NOW)
    assert "database.url" not in str(error.value)
    with pytest.raises(StoreError, match="is a folder"):
        migrate.restore(site.database_url, copy.parent, NOW)
    open_store(site.database_url).close()


@pytest.mark.parametrize("address", ["nonsense", "sqlite://", "oracle+none://x/y"])
def test_a_wrong_address_is_one_clear_error(address: str) -> None:
    with pytest.raises(StoreError, match="database.url"):
        create_or_upgrade(address)


def test_a_damaged_database_is_not_updated(earlier: Path) -> None:
    data = bytearray(earlier.read_bytes())
    with sqlite3.connect(earlier) as connection:
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'colourway'"
        ).fetchone()[0]
    connection.close()
    data[(root - 1) * page : root * page] = b"\xff" * page
    earlier.write_bytes(data)
    with pytest.raises(StoreError, match="damaged.*fittingroom database restore"):
        open_store(f"sqlite:///{earlier}")
    assert not backup.list_backups(earlier)


def test_what_a_killed_init_left_does_not_stay(tmp_path: Path) -> None:
    left = tmp_path / ".shop.db.999999999.new"
    left.write_bytes(b"")
    create_or_upgrade(f"sqlite:///{tmp_path / 'shop.db'}")
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]
