"""Importing a dataclass or a protocol loads no runtime, database or plotting library."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

HEAVY = ("alembic", "cv2", "matplotlib", "openvino", "scipy", "supervision", "torch")


@pytest.mark.parametrize(
    "module",
    [
        "common.crossing",
        "common.gallery",
        "models.detectors.protocol",
        "models.embedders.protocol",
        "store.cameras",
        "store.catalogue",
        "store.site",
        "vision.errors",
        "vision.frame",
    ],
)
def test_a_type_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
