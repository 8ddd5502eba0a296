"""Imports run downward only, and Ultralytics stays in models/."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = {
    "common": set(),
    "store": {"common"},
    "models": {"common"},
    "calibration": {"common"},
    "vision": {"common", "store", "models", "calibration"},
    "web": {"common", "store", "models", "calibration", "vision"},
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ALLOWED)
def test_imports_run_downward_only(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        ours = imported(path) & set(ALLOWED) - {room}
        assert ours <= ALLOWED[room], f"{path.relative_to(ROOT)} imports {ours - ALLOWED[room]}"


@pytest.mark.parametrize("room", [room for room in ALLOWED if room != "models"])
def test_ultralytics_and_torch_stay_in_models(room: str) -> None:
    allowed = {ROOT / "web" / "cli" / "train.py"}
    for path in (ROOT / room).rglob("*.py"):
        if path not in allowed:
            assert not imported(path) & {"ultralytics", "torch", "torchvision"}, path
