"""Files that are written whole: whatever ends the writing, nothing half-written stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.files import new_file, write_whole

#: Ends before the writing does, as after a signal between two of its instructions.
ENDS_WITHIN = """
import os, sys
from pathlib import Path
from common.files import new_file
writing = new_file(Path(sys.argv[1]))
writing.__enter__().write_bytes(b"half")
{end}
"""


def end_within(path: Path, end: str) -> None:
    script = ENDS_WITHIN.format(end=end)
    subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=60)


def test_a_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with new_file(path) as fresh:
        fresh.write_text("whole")
        assert not path.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "whole"


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "before")
    with pytest.raises(KeyboardInterrupt), new_file(path) as fresh:
        fresh.write_text("half")
        Path(f"{fresh}-wal").write_text("a database's log")
        raise KeyboardInterrupt
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "before"


def test_a_process_that_ends_within_leaves_nothing(tmp_path: Path) -> None:
    end_within(tmp_path / "a.txt", "sys.exit(3)")
    assert not list(tmp_path.iterdir())


def test_a_worker_that_ends_keeps_what_its_parent_writes(tmp_path: Path) -> None:
    end = """
import multiprocessing, atexit
worker = multiprocessing.get_context("fork").Process(target=atexit._run_exitfuncs)
worker.start(); worker.join()
assert writing.gen.gi_frame.f_locals["fresh"].exists()
writing.__exit__(None, None, None)
"""
    end_within(tmp_path / "a.txt", end)
    assert (tmp_path / "a.txt").read_bytes() == b"half"


def test_the_next_writing_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    path = tmp_path / "a[1].txt"
    end_within(path, "os.kill(os.getpid(), 9)")
    left = list(tmp_path.iterdir())
    assert len(left) == 1
    others = tmp_path / f".{path.name}.{os.getppid()}-1.new"  # of a process that runs
    others.write_text("half")
    write_whole(path, "whole")
    assert sorted(tmp_path.iterdir()) == sorted([path, others])


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with new_file(path, replaces=False) as fresh:
        fresh.write_text("mine")
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_keeps_the_suffix_that_a_library_needs(tmp_path: Path) -> None:
    with new_file(tmp_path / "a.mp4", suffix=".new.mp4") as fresh:
        assert fresh.suffix == ".mp4"
        fresh.write_bytes(b"")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "no" / "a.txt", "")
