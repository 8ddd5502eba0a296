from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import InputError
from services.catalogue.feed import Problem, read_feed
from store.rows import Row
from tests.conftest import feed_row, write_feed


def test_reads_a_row(tmp_path: Path) -> None:
    (row,) = read_feed(write_feed(tmp_path / "f.csv", feed_row(gtin="4006381333931")))
    assert isinstance(row, Row)
    assert (row.id, row.group, row.price, row.currency) == ("T1-S", "T1", 1490, "EUR")
    assert row.available
    assert row.texts["color"] == "red"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"id": ""}, "id"),
        ({"title": ""}, "title"),
        ({"availability": "maybe"}, "availability"),
        ({"price": "cheap"}, "price"),
        ({"price": "12.90"}, "price"),  # no currency
    ],
)
def test_names_line_and_column_of_a_bad_row(
    tmp_path: Path, change: dict[str, str], column: str
) -> None:
    feed = write_feed(tmp_path / "f.csv", feed_row(id="A"), feed_row(**change), feed_row(id="B"))
    first, problem, last = read_feed(feed)
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column) == (3, column)


def test_a_row_with_too_many_fields_is_a_problem(tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "f.csv", feed_row() + ",more")
    (problem,) = read_feed(feed)
    assert isinstance(problem, Problem)
    assert problem.line == 2


def test_the_same_id_twice_is_a_problem(tmp_path: Path) -> None:
    _, problem = read_feed(write_feed(tmp_path / "f.csv", feed_row(), feed_row()))
    assert isinstance(problem, Problem)
    assert "line 2" in str(problem)


def test_reads_tabs(tmp_path: Path) -> None:
    path = write_feed(tmp_path / "f.csv", feed_row())
    path.write_text(path.read_text().replace(",", "\t"))
    (row,) = read_feed(path)
    assert isinstance(row, Row)


def test_quoted_line_breaks_keep_line_numbers(tmp_path: Path) -> None:
    feed = write_feed(
        tmp_path / "f.csv", feed_row(title='"two\nlines"'), feed_row(id="X", price="?")
    )
    _, problem = read_feed(feed)
    assert isinstance(problem, Problem)
    assert problem.line == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"sku,name\n1,2\n", "lacks id, title"),
        (b"", "lacks id"),
        (bytes(range(256)) * 4, "not text"),
    ],
)
def test_refuses_what_is_no_feed(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        list(read_feed(path))


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        list(read_feed(tmp_path / "none.csv"))
