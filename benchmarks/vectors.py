"""Search in memory against pgvector: recall, latency and memory by number of vectors.

    python -m benchmarks.vectors [--counts 10000 100000 1000000] [--dimensions 128]

Vectors are clustered, as articles are; on even noise every graph index fails. The baseline
is the exact search in memory, in the same run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import create_engine, text

from store.vectors import Entry, ExactIndex, PgVectorIndex, VectorIndex, Wanted

_WANTED = 10
_PARTS = ("upper", "lower", "full", "outer", "shoes", "bag")
_BATCH = 50_000


def clustered(count: int, dimensions: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield batches of unit vectors in clusters of about fifty, with their first number."""
    centres = np.random.default_rng(0).standard_normal((max(20, count // 50), dimensions))
    for start in range(0, count, _BATCH):
        rng = np.random.default_rng([1, start])
        size = min(_BATCH, count - start)
        some = centres[rng.integers(len(centres), size=size)]
        some = some + 0.5 * rng.standard_normal((size, dimensions))
        yield start, (some / np.linalg.norm(some, axis=1, keepdims=True)).astype(np.float32)


def _entries(start: int, count: int) -> list[Entry]:
    return [
        Entry(n, "north", _PARTS[n % len(_PARTS)], n % 5 != 0) for n in range(start, start + count)
    ]


def _ask(index: VectorIndex, queries: np.ndarray, wanted: Wanted) -> tuple[list[set[int]], float]:
    """Return what each query found and the median milliseconds of one."""
    index.search(queries[0], _WANTED, wanted)
    found, took = [], []
    for query in queries:
        started = time.perf_counter()
        nearest = index.search(query, _WANTED, wanted)
        took.append(time.perf_counter() - started)
        found.append(set(nearest.ids.tolist()))
    return found, float(np.median(took) * 1000)


def measure(engine: Any, count: int, dimensions: int, queries: int) -> dict[str, Any]:
    """Measure both indices on the same vectors."""
    exact, name = ExactIndex(dimensions), f"bench{count}"
    postgres = PgVectorIndex(engine, dimensions, name)
    started = time.perf_counter()
    for start, vectors in clustered(count, dimensions):
        entries = _entries(start, len(vectors))
        exact.add(entries, vectors)
        postgres.load(entries, vectors)
    loaded = time.perf_counter()
    postgres.build()
    built = time.perf_counter()
    rng = np.random.default_rng(2)
    _, some = next(clustered(count, dimensions))
    asked = some[rng.integers(len(some), size=queries)]
    asked = asked + 0.2 * rng.standard_normal(asked.shape).astype(np.float32) / dimensions**0.5
    result: dict[str, Any] = {"vectors": count, "dimensions": dimensions}
    for title, wanted in (("any", Wanted(in_stock=False)), ("part in stock", Wanted(part="bag"))):
        right, exact_ms = _ask(exact, asked, wanted)
        found, postgres_ms = _ask(postgres, asked, wanted)
        recall = np.mean([len(a & b) / len(a) for a, b in zip(right, found, strict=True)])
        result[title] = {
            "recall": round(float(recall), 4),
            "exact_ms": round(exact_ms, 2),
            "pgvector_ms": round(postgres_ms, 2),
            "times_as_fast": round(exact_ms / postgres_ms, 2),
        }
    with engine.connect() as connection:
        size = connection.execute(text(f"SELECT pg_relation_size('{name}_hnsw')")).scalar_one()
        table = connection.execute(text(f"SELECT pg_table_size('{name}')")).scalar_one()
    result["exact_mb"] = round(count * dimensions * 4 / 1e6, 1)
    result["pgvector_mb"] = {"table": round(table / 1e6, 1), "hnsw": round(size / 1e6, 1)}
    result["seconds"] = {"load": round(loaded - started, 1), "build": round(built - loaded, 1)}
    return result


def main() -> None:
    """Print one JSON object for each number of vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--dimensions", type=int, default=128)
    parser.add_argument("--queries", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = importlib.import_module("pgserver").get_server(folder)
        engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        try:
            for count in given.counts:
                result = measure(engine, count, given.dimensions, given.queries)
                print(json.dumps(result), flush=True)
        finally:
            engine.dispose()
            server.cleanup()


if __name__ == "__main__":
    main()
