"""A watcher process is started from this program, whatever lies in the current folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from services.watching.child import watch_command

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("name", ["cli.py", "cli/__init__.py", "logging.py"])
def test_a_file_of_the_shop_does_not_shadow_the_program(tmp_path: Path, name: str) -> None:
    stray = tmp_path / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("raise SystemExit('imported from the current folder')")
    command = watch_command(tmp_path, "door")
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2
    assert "no fittingroom.toml" in ended.stderr
