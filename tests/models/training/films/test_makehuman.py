from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.training.films.makehuman import (
    read_assets,
    read_mesh,
    read_skeleton,
    read_target,
    read_weights,
)


def test_a_mesh_stands_upright_in_metres(folder: Path) -> None:
    mesh = read_mesh(folder / "base.obj")
    assert mesh.vertices[4].tolist() == [0, 0, 2]  # 20 decimetres up
    assert mesh.faces.tolist() == [[0, 1, 2, 3], [3, 2, 5, 4]]
    assert mesh.groups["helper-tights"].tolist() == [1]


@pytest.mark.parametrize("line", ["v 1 2 x", "f 1 2 a 4", "g", "f 1 2 3 9"])
def test_broken_meshes_are_named(folder: Path, line: str) -> None:
    path = folder / "base.obj"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ModelError, match=r"base\.obj"):
        read_mesh(path)


def test_parents_come_first(folder: Path) -> None:
    bones = read_skeleton(folder / "default.mhskel")
    assert [bone.name for bone in bones] == ["root", "hand"]
    assert bones[1].parent == "root"
    assert bones[1].tail.tolist() == [4, 5]


def test_bones_in_a_circle_are_named(folder: Path) -> None:
    path = folder / "default.mhskel"
    path.write_text(path.read_text().replace("null", '"hand"'))
    with pytest.raises(ModelError, match="in a circle"):
        read_skeleton(path)


def test_weights_sum_to_one_and_the_root_takes_the_rest(folder: Path) -> None:
    bones = read_skeleton(folder / "default.mhskel")
    weights = read_weights(folder / "default_weights.mhw", bones, 6)
    assert weights[2].tolist() == [0.25, 0.75]
    assert weights[3].tolist() == [1, 0]
    assert weights.sum(1).tolist() == [1] * 6


def test_weights_of_another_mesh_are_refused(folder: Path) -> None:
    bones = read_skeleton(folder / "default.mhskel")
    with pytest.raises(ModelError, match="not the weights of this skeleton"):
        read_weights(folder / "default_weights.mhw", bones, 3)


def test_a_target_moves_vertices(folder: Path) -> None:
    target = read_target(folder / "targets/tall.target")
    assert target.indices.tolist() == [4, 5]
    assert target.offsets[0].tolist() == [0, 0, 1]
    (folder / "targets/tall.target").write_text("4 0 10\n")
    with pytest.raises(ModelError, match=r"tall\.target, line 1"):
        read_target(folder / "targets/tall.target")


def test_a_human_has_the_height_asked_for_and_joints_in_its_shape(folder: Path) -> None:
    human = read_assets(folder).human({"tall": 1.0}, 2.0)
    body = human.mesh.vertices[human.mesh.faces[human.mesh.groups["body"]]]
    assert body[..., 2].max() == pytest.approx(2.0)
    # The body is one metre in the file: the joint in its middle doubles, the moved top too.
    assert human.tails[human.index("hand")][2] == pytest.approx(6.0)
    assert human.parents.tolist() == [-1, 0]


def test_an_unknown_shape_is_named(folder: Path) -> None:
    with pytest.raises(ModelError, match="wide: no such body shape; there are"):
        read_assets(folder).human({"wide": 1.0}, 1.7)


@pytest.mark.shared
def test_makehumans_own_files(shared: Path) -> None:
    assets = read_assets(shared / "humans")
    assert len(assets.mesh.vertices) == 19158
    assert len(assets.bones) == 163
    assert len(assets.targets) == 30
    human = assets.human({"caucasian-female-young": 1.0}, 1.7)
    assert np.all(human.heads[human.index("head")] > [-0.01, -0.1, 1.4])
