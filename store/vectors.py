"""Nearest vectors, filtered by store and stock: in memory for a shop, pgvector for a chain.

Both answer alike; `docs/explanation/scale.md` says when which one serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    MetaData,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateIndex

from common.redact import redact
from store.errors import StoreError

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Entry:
    """The metadata of a vector.

    Attributes:
        id: The article's, unique within its store.
        store: Which branch has it.
        part: What it is searched among: a category, or a part of an outfit.
        available: Whether it is on hand there.
    """

    id: int
    store: str
    part: str
    available: bool


@dataclass(frozen=True)
class Wanted:
    """A filter; an empty text matches any."""

    store: str = ""
    part: str = ""
    in_stock: bool = True


@dataclass(frozen=True)
class Nearest:
    """Ids with their dot products, best first."""

    ids: NDArray[np.int64]
    scores: Floats


class VectorIndex(Protocol):
    """Finds the vectors with the largest dot product."""

    def add(self, entries: Sequence[Entry], vectors: Floats) -> None:
        """Add vectors (N×D); an entry with a known id and store replaces the one before."""

    def search(self, query: Floats, count: int, wanted: Wanted) -> Nearest:
        """Find the nearest vectors to a query (D) that pass the filter."""


class ExactIndex:
    """Compares with everything; right for a shop of some ten thousand articles."""

    def __init__(self, dimensions: int) -> None:
        """Start empty."""
        self._vectors = np.zeros((0, dimensions), np.float32)
        self._entries: list[Entry] = []
        self._rows: dict[tuple[str, int], int] = {}
        self._columns: tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.bool_]] | None = None

    def add(self, entries: Sequence[Entry], vectors: Floats) -> None:
        """Add vectors (N×D); an entry with a known id and store replaces the one before."""
        rows = [
            self._rows.setdefault((entry.store, entry.id), len(self._rows)) for entry in entries
        ]
        more = len(self._rows) - len(self._entries)
        if more:
            room = np.zeros((more, self._vectors.shape[1]), np.float32)
            self._vectors = np.concatenate([self._vectors, room])
            self._entries += [entries[0]] * more
        for row, entry, vector in zip(rows, entries, vectors, strict=True):
            self._vectors[row], self._entries[row] = vector, entry
        self._columns = None

    def _table(self) -> tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.bool_]]:
        if self._columns is None:
            self._columns = (
                np.array([entry.store for entry in self._entries], np.str_),
                np.array([entry.part for entry in self._entries], np.str_),
                np.array([entry.available for entry in self._entries], bool),
            )
        return self._columns

    def search(self, query: Floats, count: int, wanted: Wanted) -> Nearest:
        """Find the nearest vectors to a query (D) that pass the filter."""
        stores, parts, available = self._table()
        fits = np.ones(len(self._entries), bool)
        if wanted.store:
            fits &= stores == wanted.store
        if wanted.part:
            fits &= parts == wanted.part
        if wanted.in_stock:
            fits &= available
        rows = np.flatnonzero(fits)
        scores = self._vectors[rows] @ np.asarray(query, np.float32)
        best = _largest(scores, count)
        ids = np.array([self._entries[row].id for row in rows[best]], np.int64)
        return Nearest(ids, scores[best])


def _largest(scores: Floats, count: int) -> NDArray[np.int64]:
    if count < len(scores):
        some = np.argpartition(-scores, count)[:count]
        return np.asarray(some[np.argsort(-scores[some], kind="stable")])
    return np.argsort(-scores, kind="stable")


#: Candidates an HNSW scan keeps, for each that is wanted; a filter throws some away.
_OVER: Final = 8
_LEAST: Final = 100
_MOST: Final = 1000


class PgVectorIndex:
    """PostgreSQL with pgvector: an HNSW index for a chain's articles.

    A filter is applied to what the index finds, so a rare part of a small branch can come
    out short; then the branch's rows are compared one by one, which its own b-tree makes quick.
    """

    def __init__(self, engine: Engine, dimensions: int, name: str = "vectors") -> None:
        """Make the table where it is missing.

        Args:
            engine: Of a PostgreSQL database.
            dimensions: Of the vectors.
            name: The table's.

        Raises:
            StoreError: The extra `postgres` is not installed, or the database has no pgvector or
                cannot be written.
        """
        if engine.dialect.name != "postgresql":
            raise StoreError(f"{redact(str(engine.url))}: pgvector needs PostgreSQL.")
        self._engine, self._table = engine, _define_table(name, dimensions)
        try:
            with engine.begin() as connection:
                connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
                self._table.create(connection, checkfirst=True)
        except DatabaseError as error:
            raise StoreError(
                f"{redact(str(engine.url))}: no place for vectors ({error.orig})."
            ) from error

    def add(self, entries: Sequence[Entry], vectors: Floats) -> None:
        """Add vectors (N×D); an entry with a known id and store replaces the one before."""
        rows = [
            {**asdict(entry), "vector": vector}
            for entry, vector in zip(entries, vectors, strict=True)
        ]
        statement = insert(self._table)
        changed = {name: statement.excluded[name] for name in ("part", "available", "vector")}
        statement = statement.on_conflict_do_update(index_elements=["store", "id"], set_=changed)
        if rows:
            with self._engine.begin() as connection:
                connection.execute(statement, rows)

    def load(self, entries: Sequence[Entry], vectors: Floats) -> None:
        """Copy many new vectors in (N×D), much quicker than `add`; none may be known already.

        Raises:
            StoreError: One of them is there already; then none is added.
        """
        from pgvector import Vector

        columns = "(store, id, part, available, vector)"
        try:
            with self._engine.begin() as connection:
                driver: Any = connection.connection.driver_connection
                with driver.cursor().copy(f"COPY {self._table.name} {columns} FROM STDIN") as copy:
                    for e, vector in zip(entries, vectors, strict=True):
                        value = Vector(vector).to_text()
                        copy.write_row((e.store, e.id, e.part, e.available, value))
        except Exception as error:  # the driver's own, which is no dependency here
            raise StoreError(f"{self._table.name}: cannot be loaded ({error}).") from error

    def build(self, neighbours: int = 16, effort: int = 64) -> None:
        """Build the HNSW index; far quicker after the vectors are in than before.

        Args:
            neighbours: Links of a vector (pgvector's m).
            effort: Candidates while building (pgvector's ef_construction).
        """
        index = Index(
            f"{self._table.name}_hnsw",
            self._table.c.vector,
            postgresql_using="hnsw",
            postgresql_with={"m": neighbours, "ef_construction": effort},
            postgresql_ops={"vector": "vector_ip_ops"},
        )
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL maintenance_work_mem = '2GB'"))
            connection.execute(CreateIndex(index, if_not_exists=True))
            connection.execute(text(f"ANALYZE {self._table.name}"))

    def search(self, query: Floats, count: int, wanted: Wanted) -> Nearest:
        """Find the nearest vectors to a query (D) that pass the filter."""
        effort = min(_MOST, max(_LEAST, _OVER * count))
        with self._engine.begin() as connection:
            connection.execute(text(f"SET LOCAL hnsw.ef_search = {effort}"))
            found = self._select(connection, query, count, wanted)
            if len(found.ids) < count:
                # The b-tree's bitmap and plain scans stay; only ordered index scans go.
                connection.execute(text("SET LOCAL enable_indexscan = off"))
                found = self._select(connection, query, count, wanted)
        return found

    def _select(self, connection: Connection, query: Floats, count: int, wanted: Wanted) -> Nearest:
        columns = self._table.c
        distance = columns.vector.max_inner_product(query)
        statement = select(columns.id, -distance).order_by(distance).limit(count)
        if wanted.store:
            statement = statement.where(columns.store == wanted.store)
        if wanted.part:
            statement = statement.where(columns.part == wanted.part)
        if wanted.in_stock:
            statement = statement.where(columns.available)
        rows = connection.execute(statement).all()
        return Nearest(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.float32),
        )


def _define_table(name: str, dimensions: int) -> Table:
    try:
        from pgvector.sqlalchemy import VECTOR
    except ImportError as error:
        raise StoreError(
            "pgvector needs the extra postgres: pip install 'fittingroom[postgres]'."
        ) from error
    if not name.isidentifier():
        raise StoreError(f"{name!r} is no name for a table.")
    return Table(
        name,
        MetaData(),
        Column("store", Text, primary_key=True),
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("part", Text),
        Column("available", Boolean),
        Column("vector", VECTOR(dimensions)),
        Index(f"{name}_part", "store", "part"),
    )
