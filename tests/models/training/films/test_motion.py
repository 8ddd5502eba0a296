from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.training.films.motion import Cycle, read_motion


def test_rotations_add_up_down_the_hierarchy(folder: Path) -> None:
    motion = read_motion(folder / "walk1.bvh")
    turned = motion.rotations()
    assert turned.shape == (4, 3, 3, 3)  # root, arm and the arm's end
    assert turned[0, 0] @ [1, 0, 0] == pytest.approx([0, 1, 0])  # 90 degrees about z
    # The arm turns about x first, then with its parent about z.
    assert turned[1, 1] @ [0, 1, 0] == pytest.approx([0, 0, 1])
    assert turned[1, 1] @ [1, 0, 0] == pytest.approx([0, 1, 0])
    assert motion.direction("Arm").tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Frames: 4", "Frames: 5"), ("0 0 0 0 0 90 0 0 0", "0 0 x"), ("OFFSET 1 0 0", "")],
)
def test_broken_motions_are_named(folder: Path, old: str, new: str) -> None:
    path = folder / "walk1.bvh"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ModelError, match=r"walk1\.bvh: not a BVH motion"):
        read_motion(path)


def test_a_cycle_repeats_without_a_seam_and_stays_a_rotation(folder: Path) -> None:
    cycle = Cycle(read_motion(folder / "walk1.bvh"))
    for phase in (0.0, 0.3, 0.99):
        arm = cycle.at(phase)["Arm"]
        assert arm @ arm.T == pytest.approx(np.eye(3), abs=1e-9)
        assert np.linalg.det(arm) == pytest.approx(1)
        assert cycle.at(phase + 1)["Arm"] == pytest.approx(arm, abs=1e-9)
    assert cycle.at(0.999)["Arm"] == pytest.approx(cycle.at(0.001)["Arm"], abs=0.03)
    # The arm swings evenly to both sides: on the average it only follows the root.
    assert cycle.mean()["Arm"] @ [1, 0, 0] == pytest.approx([0, 1, 0], abs=1e-6)
