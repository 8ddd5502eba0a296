from __future__ import annotations

import numpy as np
import pytest

from models.simulation.cutout import Cutout
from models.training.films.cloth import Capsule, Cloth, Sheet, cut_sheet


@pytest.fixture
def sheet() -> Sheet:
    """Half a metre of cloth, a hole cut into its picture at the top right."""
    image = np.full((100, 80, 4), 255, np.uint8)
    image[:30, 60:, 3] = 0
    return cut_sheet(Cutout(image, "a", "top"), 0.5, 0.05)


def hung(sheet: Sheet, seconds: float, limbs: list[Capsule]) -> Cloth:
    start = np.column_stack([sheet.rest[:, 0], 0 * sheet.rest[:, 0], 1 - sheet.rest[:, 1]])
    pinned = np.flatnonzero(sheet.rest[:, 1] == 0)
    cloth = Cloth(sheet, start, pinned)
    for _ in range(round(seconds / 0.1)):
        cloth.advance(0.1, (start[pinned], start[pinned]), (limbs, limbs))
    return cloth


def test_a_sheet_follows_the_outline_in_true_size(sheet: Sheet) -> None:
    assert np.ptp(sheet.rest, axis=0) == pytest.approx([0.4, 0.5])
    corner = (sheet.rest[:, 0] > 0.16) & (sheet.rest[:, 1] < 0.09)
    assert not corner.any()
    assert sheet.uv[sheet.rest[:, 1] == 0][:, 1] == pytest.approx(1)
    assert sheet.faces.max() == len(sheet.rest) - 1


def test_hanging_cloth_keeps_its_size(sheet: Sheet) -> None:
    cloth = hung(sheet, 1.0, [])
    edges = sheet.faces[:, [0, 1]]
    now = np.linalg.norm(cloth.position[edges[:, 0]] - cloth.position[edges[:, 1]], axis=1)
    assert now == pytest.approx(0.05, rel=0.12)
    assert cloth.position[:, 2].min() == pytest.approx(0.5, abs=0.05)


def test_cloth_does_not_enter_a_limb(sheet: Sheet) -> None:
    limb = Capsule(np.array([-1, 0.02, 0.7]), np.array([1, 0.02, 0.7]), 0.1)
    cloth = hung(sheet, 1.0, [limb])
    away = np.hypot(cloth.position[:, 1] - 0.02, cloth.position[:, 2] - 0.7)
    assert away.min() > 0.099
    assert away.min() < 0.11  # and lies on it


def test_pins_take_the_cloth_along(sheet: Sheet) -> None:
    cloth = hung(sheet, 0.5, [])
    before, held = cloth.position.copy(), cloth.position[cloth.pinned]
    cloth.advance(0.2, (held, held + [0, 0.3, 0]), ([], []))
    assert cloth.position[cloth.pinned] == pytest.approx(held + [0, 0.3, 0])
    hem = sheet.rest[:, 1] > 0.4
    assert 0 < (cloth.position - before)[hem, 1].mean() < 0.3  # the hem lags behind
