"""A body of two boxes, with a skeleton of three bones: MakeHuman's formats in small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

OBJ = """# two quads, one above the other
v 0 0 0
v 1 0 0
v 1 10 0
v 0 10 0
v 0 20 0
v 1 20 0
vt 0 0
g body
f 1/1 2/1 3/1 4/1
g helper-tights
f 4 3 6 5
"""
SKELETON = {
    "bones": {
        "hand": {"head": "middle", "tail": "top", "parent": "root"},
        "root": {"head": "ground", "tail": "middle", "parent": None},
    },
    "joints": {"ground": [0, 1], "middle": [2, 3], "top": [4, 5]},
}
WEIGHTS = {"weights": {"root": [[0, 1.0], [2, 0.5]], "hand": [[2, 1.5], [4, 1.0], [5, 1.0]]}}
BVH = """HIERARCHY
ROOT Root
{
  OFFSET 0 0 1
  CHANNELS 6 Xposition Yposition Zposition Xrotation Yrotation Zrotation
  JOINT Arm
  {
    OFFSET 1 0 0
    CHANNELS 3 Xrotation Yrotation Zrotation
    End Site
    {
      OFFSET 0 0 2
    }
  }
}
MOTION
Frames: 4
Frame Time: 0.25
0 0 0 0 0 90 0 0 0
0 0 0 0 0 90 90 0 0
0 0 0 0 0 90 0 0 0
0 0 0 0 0 90 -90 0 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as MakeHuman's files lie in it."""
    (tmp_path / "base.obj").write_text(OBJ)
    (tmp_path / "default.mhskel").write_text(json.dumps(SKELETON))
    (tmp_path / "default_weights.mhw").write_text(json.dumps(WEIGHTS))
    (tmp_path / "walk1.bvh").write_text(BVH)
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets/tall.target").write_text("# a comment\n4 0 10 0\n5 0 10 0\n")
    return tmp_path
