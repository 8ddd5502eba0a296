"""What the update to variants and declined requests makes of the rows that were there."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from store import create_or_upgrade, migrate

pytestmark = pytest.mark.integration

BEFORE = "0006"


@pytest.fixture
def path(empty_site: Path, tmp_path: Path) -> Path:
    """A database of the version before: a tee in two sizes, and requests for it."""
    found = Path(shutil.copy(empty_site / "fittingroom.db", tmp_path))
    migrate.downgrade(f"sqlite:///{found}", BEFORE)
    with sqlite3.connect(found) as rows:
        for statement, values in ROWS:
            rows.execute(statement, values)
    return found


def insert(table: str, **values: Any) -> tuple[str, tuple[Any, ...]]:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    return f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())


def request(number: int, state: str, answer: str, size: str, done: float | None) -> Any:
    return insert(
        "request", id=number, visit_id=1, room="1", colourway_id=1, size=size, state=state,
        answer=answer, taken_by="Anna", opened_at=10.0, taken_at=11.0, done_at=done,
    )  # fmt: skip


def variant(number: int, sku: str, size: str, gtin: str) -> Any:
    return insert("variant", id=number, colourway_id=1, sku=sku, gtin=gtin, size=size, price=1490,
                  currency="EUR", shelf="", fingerprint="")  # fmt: skip


SORRY = "Sorry, not in stock"
ROWS = [
    insert("article", id=1, code="T1", title="Tee", description="", brand="", category="top",
           product_type="", google_category="", gender="", age_group="", material=""),
    insert("colourway", id=1, article_id=1, key="red", sku="T1-S", colour="red", pattern="",
           lab="[50, 0, 0]"),
    variant(1, "T1-S", "S", "036000291452"),
    variant(2, "T1-M", "M", "96385074"),
    insert("visit", id=1, room="1", rooms="[]", opened_at=1.0, touched_at=1.0, people=1),
    insert("visit_item", id=1, visit_id=1, category="top", colourway_id=1, score=1.0,
           candidates="[]", state="in", size="M"),
    insert("visit_item", id=2, visit_id=1, category="top", colourway_id=1, score=1.0,
           candidates="[]", state="in", size=""),
    request(1, "done", SORRY, "M", 60.0),
    request(2, "done", "On my way", "S", 60.0),
    request(3, "answered", SORRY, "M", None),
    request(4, "cancelled", SORRY, "", 90.0),
    request(5, "cancelled", "", "", 90.0),
    insert("journal", id=1, time=30.0, kind="request.answered", room="1",
           payload=json.dumps({"request": 1, "answer": SORRY})),
    insert("feedback", id=1, time=60.0, visit_id=1, kind="tried", outfit="1-2", colourway_id=1,
           position=0, propensity=1.0, features="[]"),
    insert("feedback", id=2, time=50.0, visit_id=1, kind="tried", outfit="1-3", colourway_id=1,
           position=0, propensity=1.0, features="[]"),
    insert("take_along", id=1, token_hash="x", skus='["T1-S"]', expires_at=9e9),
]  # fmt: skip


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as rows:
        return rows.execute(query).fetchall()


def test_rows_of_before_come_over(path: Path) -> None:
    create_or_upgrade(f"sqlite:///{path}")
    assert read(path, "SELECT variant_id FROM visit_item ORDER BY id") == [(2,), (None,)]
    assert read(path, "SELECT state, reason, variant_id, done_at FROM request ORDER BY id") == [
        ("declined", "out_of_stock", 2, 30.0),  # when staff said so
        ("done", "", 1, 60.0),
        ("declined", "out_of_stock", 2, 11.0),
        ("declined", "out_of_stock", None, 90.0),
        ("cancelled", "", None, 90.0),
    ]
    assert read(path, "SELECT id FROM feedback") == [(2,)]  # what never came was not tried on
    assert read(path, "SELECT gtin FROM variant ORDER BY id") == [
        ("00036000291452",), ("00000096385074",),
    ]  # fmt: skip
    ((listed,),) = read(path, "SELECT skus FROM take_along")
    assert json.loads(listed) == [{"sku": "T1-S", "exact": False}]


def test_and_go_back(path: Path) -> None:
    create_or_upgrade(f"sqlite:///{path}")
    migrate.downgrade(f"sqlite:///{path}", BEFORE)
    assert read(path, "SELECT size FROM visit_item ORDER BY id") == [("M",), ("",)]
    assert read(path, "SELECT state, answer, size FROM request ORDER BY id") == [
        ("done", SORRY, "M"), ("done", "On my way", "S"), ("done", SORRY, "M"),
        ("done", SORRY, ""), ("cancelled", "", ""),
    ]  # fmt: skip
    assert read(path, "SELECT gtin FROM variant ORDER BY id") == [
        ("036000291452",), ("96385074",),
    ]  # fmt: skip
    assert read(path, "SELECT skus FROM take_along") == [('["T1-S"]',)]
