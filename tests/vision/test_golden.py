from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vision.errors import VisionError
from vision.golden import Event, compare, read_golden, write_golden

IN = Event(15.1, "entry", "gate", "1", ("J1", "unknown dress"))
OUT = Event(40.0, "exit", "gate", "1", ())


def test_a_golden_file_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "door.golden.jsonl"
    write_golden(path, [IN, OUT])
    assert read_golden(path) == [IN, OUT]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([IN, OUT], []),
        ([replace(IN, time=15.3), OUT], []),
        ([IN], ["missing     40.00 s  exit gate room 1: nothing carried"]),
        (
            [IN, OUT, replace(OUT, time=60.0)],
            ["new         60.00 s  exit gate room 1: nothing carried"],
        ),
        (
            [replace(IN, garments=("J1",)), OUT],
            [
                "was         15.10 s  entry gate room 1: J1, unknown dress",
                "now         15.10 s  entry gate room 1: J1",
            ],
        ),
        # Another direction is another event.
        (
            [replace(IN, event="exit"), OUT],
            [
                "missing     15.10 s  entry gate room 1: J1, unknown dress",
                "new         15.10 s  exit gate room 1: J1, unknown dress",
            ],
        ),
        (
            [replace(IN, time=15.8), OUT],
            [
                "was         15.10 s  entry gate room 1: J1, unknown dress",
                "now         15.80 s  entry gate room 1: J1, unknown dress",
            ],
        ),
        ([], ["missing     15.10 s  entry gate room 1: J1, unknown dress",
              "missing     40.00 s  exit gate room 1: nothing carried"]),
    ],
)  # fmt: skip
def test_differences_are_said(found: list[Event], said: list[str]) -> None:
    assert compare([IN, OUT], found) == said


def test_two_who_go_in_together_are_two(tmp_path: Path) -> None:
    both = [IN, replace(IN, time=15.4, garments=())]
    assert compare(both, both[::-1]) == []


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="Create it with --update"):
        read_golden(tmp_path / "none.jsonl")
    path = tmp_path / "bad.jsonl"
    path.write_text('{"time": 1}\n')
    with pytest.raises(VisionError, match="line 1: not an event"):
        read_golden(path)
