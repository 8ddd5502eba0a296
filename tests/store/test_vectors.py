from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine

from store import StoreError
from store.vectors import Entry, ExactIndex, PgVectorIndex, VectorIndex, Wanted

DIMENSIONS = 16


def some(count: int, seed: int = 0) -> tuple[list[Entry], np.ndarray]:
    """Clustered vectors of two branches."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((20, DIMENSIONS))
    vectors = centres[rng.integers(20, size=count)] + 0.3 * rng.standard_normal((count, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    entries = [
        Entry(n, ("north", "south")[n % 2], ("upper", "shoes", "bag")[n % 3], n % 5 != 0)
        for n in range(count)
    ]
    return entries, vectors.astype(np.float32)


@pytest.fixture(params=["exact", "pgvector"])
def index(request: pytest.FixtureRequest) -> VectorIndex:
    if request.param == "exact":
        return ExactIndex(DIMENSIONS)
    engine = request.getfixturevalue("postgres")
    name = f"t{abs(hash(request.node.name)) % 10**9}"
    return PgVectorIndex(engine, DIMENSIONS, name)


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(store="north"), Wanted(part="bag"), Wanted("south", "shoes", in_stock=False)],
)
def test_finds_the_nearest_of_what_is_wanted(index: VectorIndex, wanted: Wanted) -> None:
    entries, vectors = some(600)
    index.add(entries, vectors)
    if isinstance(index, PgVectorIndex):
        index.build()
    allowed = [
        n for n, e in enumerate(entries)
        if wanted.store in ("", e.store) and wanted.part in ("", e.part)
        and (e.available or not wanted.in_stock)
    ]  # fmt: skip
    for query in vectors[:20]:
        right = np.array(allowed)[np.argsort(-(vectors[allowed] @ query), kind="stable")[:5]]
        found = index.search(query, 5, wanted)
        assert len(set(found.ids.tolist()) & set(right.tolist())) >= 4
        np.testing.assert_allclose(found.scores, vectors[found.ids] @ query, atol=1e-4)


def test_a_rare_part_is_found_in_full(index: VectorIndex) -> None:
    entries, vectors = some(600)
    entries = [e if n % 150 else Entry(n, e.store, "hat", True) for n, e in enumerate(entries)]
    index.add(entries, vectors)
    if isinstance(index, PgVectorIndex):
        index.build()
    assert len(index.search(vectors[1], 4, Wanted(part="hat")).ids) == 4
    assert len(index.search(vectors[1], 4, Wanted(part="scarf")).ids) == 0


def test_what_is_added_again_replaces(index: VectorIndex) -> None:
    entries, vectors = some(10)
    index.add(entries, vectors)
    sold = Entry(3, entries[3].store, entries[3].part, available=False)
    index.add([sold], vectors[3:4])
    found = index.search(vectors[3], 10, Wanted()).ids.tolist()
    assert 3 not in found
    assert len(found) == len(set(found)) == 7


def test_the_same_article_in_two_branches_is_two(index: VectorIndex) -> None:
    _, vectors = some(2)
    index.add([Entry(1, "north", "bag", True), Entry(1, "south", "bag", False)], vectors)
    assert index.search(vectors[0], 5, Wanted(store="north")).ids.tolist() == [1]
    assert index.search(vectors[0], 5, Wanted(store="south")).ids.tolist() == []


def test_loading_is_all_or_nothing(postgres: Engine) -> None:
    index = PgVectorIndex(postgres, DIMENSIONS, "loaded")
    entries, vectors = some(50)
    index.load(entries[:40], vectors[:40])
    with pytest.raises(StoreError, match="cannot be loaded"):
        index.load(entries[30:], vectors[30:])
    found = index.search(vectors[0], 100, Wanted(in_stock=False)).ids
    assert sorted(found.tolist()) == list(range(40))


def test_sqlite_has_no_pgvector() -> None:
    with pytest.raises(StoreError, match="needs PostgreSQL"):
        PgVectorIndex(create_engine("sqlite://"), DIMENSIONS)
