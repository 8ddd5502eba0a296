"""The base install runs a shop; what needs the extra `train` says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models.extra import TRAINING_PACKAGES

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[1]
#: Folders of modules that the extra is for.
TRAINING = ("models/training", "services/evaluation")
RUN_TIME = ("calibration", "cli", "common", "models", "services", "store", "vision", "web")
BLOCKED = (*TRAINING_PACKAGES, "lap")
#: Not by `sys.modules`: SciPy takes what it finds there for an imported PyTorch.
WITHOUT = f"""
from importlib.machinery import PathFinder

find = PathFinder.find_spec
PathFinder.find_spec = staticmethod(
    lambda name, *rest: None if name.split(".")[0] in {BLOCKED!r} else find(name, *rest)
)
import sys
"""


def without_extra(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a process that cannot import the extra's packages."""
    command = [sys.executable, "-c", WITHOUT + code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def run_time_modules() -> list[str]:
    paths = [path for package in RUN_TIME for path in (ROOT / package).rglob("*.py")]
    names = [path.relative_to(ROOT).with_suffix("") for path in paths]
    shop = [name for name in names if not name.as_posix().startswith(TRAINING)]
    kept = [p for p in shop if p.name != "__main__" and "migrations" not in p.parts]
    return sorted(".".join(name.parts).removesuffix(".__init__") for name in kept)


def test_a_shop_needs_nothing_of_the_training_extra() -> None:
    modules = run_time_modules()
    assert len(modules) > 150
    code = "from importlib import import_module\nfor name in sys.argv[1:]: import_module(name)"
    done = without_extra(code, *modules)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["train", "embedder", "--data", "shop"],
        ["train", "stylist", "--data", "shop", "--looks", "looks.csv"],
        ["evaluate", "--data", "shop"],
        ["bench"],
    ],
    ids=" ".join,
)
def test_what_needs_the_extra_says_so(words: list[str]) -> None:
    done = without_extra("from cli import main; main()", *words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "needs the training extra: pip install 'fittingroom[train]'" in line
    assert "torch" in line
