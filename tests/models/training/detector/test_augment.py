"""Pictures changed on the device, with their boxes."""

from __future__ import annotations

import pytest
import torch

from models.training.detector import augment as scene_augment
from models.training.detector.augment import augment

_SIDE = 192


def bright_boxes(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Black pictures with one white rectangle each, boxed."""
    torch.manual_seed(0)
    images = torch.zeros(count, _SIDE, _SIDE, 3, dtype=torch.uint8)
    boxes = torch.zeros(count, 2, 5)
    there = torch.zeros(count, 2, dtype=torch.bool)
    for n in range(count):
        left, top = torch.randint(10, 90, (2,)).tolist()
        width, height = torch.randint(40, 90, (2,)).tolist()
        images[n, top : top + height, left : left + width] = 255
        boxes[n, 0] = torch.tensor([3, left, top, left + width, top + height])
        there[n, 0] = True
    return images, boxes, there


@pytest.fixture
def plain_light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave light, blur and grain as they are: white is what is boxed."""
    for name in ("_light", "_blur", "_grain"):
        monkeypatch.setattr(scene_augment, name, lambda images: images)


@pytest.mark.usefixtures("plain_light")
def test_boxes_follow_what_they_are_around() -> None:
    shown = augment(*bright_boxes(6), _SIDE)  # too few for four in one
    assert shown.images.shape == (6, 3, _SIDE, _SIDE)
    assert 0 <= float(shown.images.min()) < float(shown.images.max()) <= 1
    seen = 0
    for image, boxes, there in zip(*shown, strict=True):
        for box in boxes[there]:
            assert box[0] == 3
            ys, xs = torch.nonzero(image.mean(0) > 0.8, as_tuple=True)
            around = torch.stack([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]).float()
            assert float((box[1:] - around).abs().max()) < 16  # turned boxes are wider
            seen += 1
    assert seen >= 4


def test_four_pictures_become_one_with_all_their_boxes() -> None:
    shown = augment(*bright_boxes(64), _SIDE)  # one in eight, by fours: eight become two
    assert shown.images.shape[0] == shown.boxes.shape[0] == shown.there.shape[0] == 58
    together = shown.boxes[:2][shown.there[:2]]
    assert len(together) >= 5
    sides = together[:, 3:] - together[:, 1:3]
    assert float(sides.max()) < 0.5 * _SIDE + 1
    assert float(together[:, 1:].min()) >= 0
    assert float(together[:, 1:].max()) <= _SIDE


def test_light_blur_and_grain_stay_within_bounds_and_colour_is_lost_now_and_then() -> None:
    torch.manual_seed(2)
    images = (torch.rand(64, 64, 64, 3) * 255).to(torch.uint8)
    none = torch.zeros(64, 1, 5), torch.zeros(64, 1, dtype=torch.bool)
    shown = augment(images, *none, 64).images
    assert 0 <= float(shown.min()) <= float(shown.max()) <= 1
    means = shown.mean((1, 2, 3))
    assert float(means.max()) > 2 * float(means.min())  # some are dark
    colour = (shown[:, 0] - shown[:, 2]).abs().mean((1, 2))
    assert 0 < int((colour < 1e-6).sum()) < 30
