"""The simulated cloth keeps its size, hangs down, and covers what it should."""

from __future__ import annotations

import numpy as np
import pytest

from models.simulation import cloth


@pytest.mark.parametrize("hold", cloth.HOLDS)
def test_cloth_hangs_without_stretching_much(hold: str) -> None:
    for sheet in cloth.sheets(hold):
        assert np.isfinite(sheet.points).all()
        down = np.linalg.norm(np.diff(sheet.points, axis=0), axis=-1) * (len(sheet.points) - 1)
        assert np.median(down) == pytest.approx(1, abs=0.12)
        held = sheet.grip[1]
        assert sheet.points[..., 1].mean() > held  # y points down


def test_over_a_forearm_both_halves_hang() -> None:
    for sheet in cloth.sheets("forearm"):
        ends = sheet.points[[0, -1], :, 1].mean(1)
        ridge = sheet.points[..., 1].mean(1).min()
        assert (ends > ridge + 0.1).all()


def test_in_a_hand_cloth_is_bunched() -> None:
    widths = [np.ptp(s.points[..., 0], axis=1).mean() / s.width for s in cloth.sheets("hand")]
    assert np.mean(widths) < 0.75


@pytest.mark.parametrize("hold", cloth.HOLDS)
def test_every_view_shows_cloth_with_its_place_and_light(hold: str) -> None:
    seen = cloth.seen(hold, 3, 1)
    solid = seen.u >= 0
    assert solid.mean() > 0.15
    assert seen.u.max() <= 1.0
    assert 0 <= seen.v[solid].min() < 0.3
    assert 0.3 <= seen.shade[solid].min() <= seen.shade[solid].max() <= 1.25
    again = cloth.look_at(cloth.sheets(hold)[3], 0.4, 0.2, 90)
    assert again.scale == 90
    assert again.u.shape[0] < 140


def test_the_nearest_width_is_picked() -> None:
    rng = np.random.default_rng(0)
    for width, expected in ((0.1, 0.3), (0.5, 0.45), (2.0, 1.1)):
        assert cloth.sheets("hand")[cloth.nearest("hand", width, rng)].width == pytest.approx(
            expected
        )
