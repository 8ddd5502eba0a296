from __future__ import annotations

import gc
import io
import sys

import pytest

from common.progress import end_all, progress


def test_piped_output_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    assert list(progress(range(3), desc="pictures", unit="picture")) == [0, 1, 2]
    lines = told.getvalue().splitlines()
    assert lines[0].startswith("pictures: 0 of 3 pictures")
    assert lines[-1] == "pictures: 3 of 3 pictures, 00:00 elapsed, 00:00 remaining"
    assert all(lines)
    assert "\r" not in told.getvalue()


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    told = Terminal()
    monkeypatch.setattr(sys, "stderr", told)
    with progress(total=2, desc="steps", unit="step") as bar:
        bar.update(2)
    assert "\r" in told.getvalue()
    assert "100%" in told.getvalue()


def test_what_a_signal_broke_off_says_nothing_later(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    broken_off = iter(progress(range(3), desc="pictures", unit="picture"))
    next(broken_off)
    end_all()
    before = told.getvalue()
    assert len(before.splitlines()) == 2
    del broken_off
    gc.collect()
    assert told.getvalue() == before
