"""A training that is stopped, by Ctrl-C at a terminal or by SIGTERM, goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.models.training.test_export import link

#: What pip installs as `fittingroom`.
COMMAND = "import sys\nfrom cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"


def stop(command: list[object], ready: Callable[[], bool], number: signal.Signals) -> int:
    """Run a command and send its whole group a signal when it is ready; returns the exit code."""
    process = subprocess.Popen(
        [str(word) for word in command], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 300
    while not ready() and process.poll() is None:
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.05)
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    assert said.endswith("fittingroom: stopped.\n")
    return process.returncode


@pytest.mark.shared
@pytest.mark.slow
def test_the_detectors_training_goes_on_where_it_was_stopped(
    data: Path, shared: Path, tmp_path: Path
) -> None:
    link(data, shared)
    script, run = tmp_path / "fittingroom", tmp_path / "run"
    script.write_text(COMMAND)
    poses, last = run / "poses.json", run / "detector.pt"
    words = [sys.executable, script, "train", "detector", "--data", data, "--run", run,
             "--scenes", 8, "--batch", 2, "--minutes", 60]  # fmt: skip
    assert stop(words, poses.is_file, signal.SIGINT) == 130
    assert not last.is_file()
    assert stop(words, last.is_file, signal.SIGTERM) == 143
    first, steps = last.stat().st_mtime_ns, taken(last)
    assert stop(words, lambda: last.stat().st_mtime_ns > first, signal.SIGINT) == 130
    assert taken(last) > steps > 0


def taken(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, weights_only=True)["steps"])
