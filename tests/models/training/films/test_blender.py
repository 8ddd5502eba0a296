"""The renderer itself, where `bpy` is installed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from models.training.films.exr import read_exr

PYTHON = os.environ.get("FITTINGROOM_RENDERER", "")
ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON, reason="FITTINGROOM_RENDERER names no interpreter with bpy")
def test_a_square_is_rendered_with_its_index_once(tmp_path: Path) -> None:
    points = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1.0]], np.float32)
    np.savez(tmp_path / "meshes.npz",
             **{"square/points": points, "square/faces": np.array([[0, 1, 2, 3]])})  # fmt: skip
    for folder in ("frames", "renders"):
        (tmp_path / folder).mkdir()
    np.savez(tmp_path / "frames/00000.npz", square=points)
    material = {"colour": [0.9, 0.1, 0.1], "roughness": 0.8}
    job = {
        "objects": {"square": {"index": 7, "moves": True, "material": material}},
        "lights": [{"location": [0, -3, 3], "size": [1, 1], "watts": 300, "colour": [1, 1, 1]}],
        "camera": {"location": [0, -4, 0], "axes": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
                   "view": 90.0, "size": [64, 64]},
        "ambient": [0.5, 0.5, 0.5], "borders": [[0.25, 0.25, 1.0, 1.0], None],
        "samples": 2, "room_samples": 1, "denoise": False, "threads": 1,
    }  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job))
    command = [PYTHON, "-m", "models.training.films.blender", str(tmp_path)]
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "frame 0" in ran.stdout
    index = read_exr(tmp_path / "renders/00000.exr")["ViewLayer.Object Index.X"]
    assert index.shape == (48, 48)
    # The square is 2 of 8 metres wide: 16 pixels around the middle at (32, 32).
    assert np.argwhere(index == 7).min(0).tolist() == pytest.approx([8, 8], abs=1)
    assert (index == 7).sum() == pytest.approx(256, abs=40)
    red, blue = (read_exr(tmp_path / "renders/00000.exr")[f"ViewLayer.Combined.{c}"] for c in "RB")
    assert red[16, 16] > 3 * blue[16, 16]
    assert not read_exr(tmp_path / "room.exr")["ViewLayer.Object Index.X"].any()
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "frame" not in again.stdout
