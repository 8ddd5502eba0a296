from __future__ import annotations

import numpy as np
import pytest

from models.training.films.makehuman import BaseMesh, Bone, Human
from models.training.films.pose import Pose, between, blend, yaw

NONE = np.array([], np.int64)


@pytest.fixture
def leg() -> Human:
    """Hip, knee and ankle, a metre in all, straight down; one vertex at the ankle."""
    names = ("hip", "knee", "ankle")
    bones = tuple(
        Bone(name, names[n - 1] if n else None, NONE, NONE) for n, name in enumerate(names)
    )
    heads = np.array([[0, 0, 1.0], [0, 0, 0.5], [0, 0, 0.0]])
    mesh = BaseMesh(heads[2:] + [0, -0.1, 0], np.zeros((1, 4), np.int64), {})
    return Human(mesh, bones, heads, heads, np.array([-1, 0, 1]), np.array([[0, 0, 1.0]]))


def at_rest(human: Human) -> Pose:
    return Pose(human, np.repeat(np.eye(3)[None], 3, 0), human.heads.copy())


def test_between_turns_one_direction_into_another() -> None:
    for a, b in (([1, 0, 0], [0, 1, 1]), ([0, 0, 1], [0, 0, -2.0]), ([1, 2, 3], [1, 2, 3.0])):
        turned = between(np.array(a, float), np.array(b, float)) @ np.array(a, float)
        assert turned / np.linalg.norm(turned) == pytest.approx(b / np.linalg.norm(b))


def test_blend_is_half_way() -> None:
    assert blend(np.eye(3), yaw(1.0), 0.5) == pytest.approx(yaw(0.5))


@pytest.mark.parametrize("goal", [[0.1, -0.2, 0.3], [0, 0.3, 0.2], [0.0, -0.6, 0.9]])
def test_a_leg_reaches_its_goal_with_bones_as_long_as_before(leg: Human, goal: list[float]) -> None:
    pose = at_rest(leg)
    pose.reach(("hip", "knee", "ankle"), np.array(goal))
    assert pose.heads[2] == pytest.approx(goal, abs=1e-6)
    for a, b in ((0, 1), (1, 2)):
        assert np.linalg.norm(pose.heads[b] - pose.heads[a]) == pytest.approx(0.5)


def test_a_knee_bends_to_the_front(leg: Human) -> None:
    pose = at_rest(leg)
    pose.reach(("hip", "knee", "ankle"), np.array([0, 0, 0.2]))
    assert pose.heads[1][1] < -0.2


def test_out_of_reach_it_points_there(leg: Human) -> None:
    pose = at_rest(leg)
    pose.reach(("hip", "knee", "ankle"), np.array([0, -3.0, 1.0]))
    assert pose.heads[2] == pytest.approx([0, -1, 1], abs=0.07)


def test_vertices_follow_their_bone(leg: Human) -> None:
    pose = at_rest(leg)
    pose.turn(2, yaw(np.pi / 2))
    assert pose.skin()[0] == pytest.approx([0.1, 0, 0])
