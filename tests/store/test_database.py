from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from store import Site, StoreError, create_or_upgrade, journal, open_store
from store.schema import Article, Base, Colourway, Stock, Variant


def test_migrations_make_exactly_the_schema(site: Site) -> None:
    with site.store.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_sqlite_runs_in_wal_mode(site: Site) -> None:
    with site.store.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_an_error_leaves_nothing_behind(site: Site) -> None:
    with pytest.raises(RuntimeError), site.store.write() as session:
        journal.append(session, 0, "half", "", {})
        raise RuntimeError
    with site.store.read() as session:
        assert journal.last_id(session) == 0


def test_writers_queue_and_none_is_lost(site: Site) -> None:
    def write() -> None:
        for _ in range(20):
            with site.store.write() as session:
                seen = journal.last_id(session)
                journal.append(session, 0, "n", "", {"after": seen})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.store.read() as session:
        entries = journal.after(session, 0)
        assert [e.payload["after"] for e in entries] == list(range(80))


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    create_or_upgrade(url)
    store = open_store(url)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match="newer fittingroom"):
        open_store(url)


#: Reads a graph of articles that refer to each other, lets go of it and ends the session, with
#: the garbage collector at its busiest.
_CYCLES = """
import gc, sys
from sqlalchemy import select
from store import open_store
from store.catalogue import load_colourways
from store.schema import Colourway
store = open_store(sys.argv[1])
gc.set_threshold(40, 1, 1)
for _ in range(30):
    with store.read() as session:
        load_colourways(session, session.scalars(select(Colourway.id)))
"""


@pytest.mark.integration
def test_the_garbage_collector_and_the_end_of_a_session_get_on(site: Site) -> None:
    ways = [
        Colourway(
            key=f"{n}", sku=f"S{n}", variants=[Variant(sku=f"S{n}", stock=Stock(available=True))]
        )
        for n in range(120)
    ]
    with site.store.write() as session:
        session.add(Article(code="A", title="Tee", category="top", colourways=ways))
    # A process of its own: where they do not, it dies of a segmentation fault.
    ran = subprocess.run([sys.executable, "-c", _CYCLES, site.store.url], capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()[-500:]
