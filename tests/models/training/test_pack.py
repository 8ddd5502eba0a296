"""A training packed for a machine that has little installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import cv2
import pytest

from tests.models.training.test_export import link

#: What such a machine lacks; a training must start without it.
_ABSENT = ("pydantic", "supervision", "safetensors", "onnx", "openvino", "flask", "av", "click")
_START = f"""
import sys
for name in {_ABSENT!r}:
    sys.modules[name] = None
import models.training.detector.standalone as detector, models.training.embedder.standalone
import models.training.detector.trainer, models.training.embedder.trainer
print(models.training.detector.trainer.__file__)
detector.main(["--help"])
"""


@pytest.mark.shared
@pytest.mark.integration
@pytest.mark.filterwarnings("ignore")
def test_a_pack_starts_where_little_is_installed(
    data: Path, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.training import pack

    link(data, shared)
    monkeypatch.setattr(pack, "PART", 14_000_000)
    parts = pack.pack_training([data, data], tmp_path / "pack")
    assert len(parts) > 1
    far = tmp_path / "far"
    for part in parts:
        assert part.stat().st_size <= pack.PART + 20_480
        with tarfile.open(part) as archive:
            archive.extractall(far, filter="data")
    pictures = sorted((data / "data/articles/images").iterdir())
    for root in ("root", "shop-1"):
        packed = sorted((far / root / "data/articles/images").iterdir())
        assert [path.name for path in packed] == [path.name for path in pictures]
        assert cv2.imread(str(packed[0])) is not None
    environment = {**os.environ, "PYTHONPATH": str(far)}
    started = subprocess.run(
        [sys.executable, "-c", _START], cwd=far, env=environment, capture_output=True, text=True
    )
    assert started.returncode == 0, started.stderr
    assert str(far) in started.stdout
    assert "--minutes" in started.stdout
