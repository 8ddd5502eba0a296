"""Tracks without a body; feet with MakeHuman's, where it is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.training.films.gait import Route, Track, Walker
from models.training.films.makehuman import read_assets
from models.training.films.motion import Cycle, read_motion
from models.training.films.pose import Rig


def test_a_track_is_walked_at_its_speed() -> None:
    track = Track(Route(((0, 0), (6, 0)), start=2.0, speed=1.5))
    assert track.distance(1.0) == 0
    assert track.position(track.distance(4.0)) == pytest.approx([3, 0], abs=0.3)
    assert track.heading(3.0) == pytest.approx(np.pi / 2)  # from -y to +x
    assert track.there(2.0)
    assert not track.there(track.end + 0.1)
    assert track.distance(track.end) == pytest.approx(track.length)


def test_they_stand_where_they_stop_and_walk_on() -> None:
    route = Route(((0, 0), (3, 0), (6, 0)), speed=1.0, stop=1, wait=2.0)
    track = Track(route)
    distances = np.array([track.distance(t) for t in np.arange(0, track.end, 0.05)])
    steps = np.diff(distances)
    assert (steps >= 0).all()
    assert steps.max() < 0.055
    assert (steps < 1e-9).sum() == pytest.approx(2.0 / 0.05, abs=2)
    assert track.position(distances[steps.argmin()])[0] == pytest.approx(3, abs=0.1)
    assert track.distance(track.end) == pytest.approx(track.length, abs=0.01)


@pytest.mark.shared
def test_standing_feet_do_not_slip(shared: Path) -> None:
    human = read_assets(shared / "humans").human({"caucasian-female-young": 1.0}, 1.68)
    cycle = Cycle(read_motion(shared / "humans/walk1.bvh"))
    route = Route(((-2, 0), (0, 0), (1.5, 1.0)), stop=1, wait=0.5)
    walker = Walker(Rig(human, cycle), Track(route))
    foot = {side: human.index(f"foot.{side}") for side in "LR"}
    toe = {side: human.index(f"toe2-1.{side}") for side in "LR"}
    slips, standing, before = [], [], {}
    for time in np.arange(0.2, walker.track.end - 0.2, 0.1):
        pose = walker.pose(time)
        phase = walker.phase(walker.track.distance(time))
        soles = []
        for side in "LR":
            ball = human.heads[toe[side]] * [1, 1, 0] - human.heads[foot[side]]
            at = pose.heads[foot[side]] + pose.rotations[foot[side]] @ ball
            spot, _, stands = walker._foot(side, phase)
            if stands:
                soles.append(at[2])
            if stands and side in before and np.array_equal(before[side][0], spot):
                slips.append(np.linalg.norm((at - before[side][1])[:2]))
            before[side] = (spot, at) if stands else (np.full(2, np.nan), at)
        standing.append(min(soles))
    assert len(slips) > 20
    assert max(slips) < 0.005  # metres between frames, also while turning and stopping
    assert np.mean(slips) < 0.001
    assert -0.005 < min(standing) <= max(standing) < 0.05
