"""Augment pictures with their boxes on the device, so that a scene can be used many times."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch.nn import functional

#: Padding value of the detector's letterbox, of 255.
_GREY: Final = 114.0
#: Probabilities of greyscale, darkening, blur and noise.
_COLOURLESS, _DARK, _BLURRED, _GRAINY = 0.12, 0.12, 0.2, 0.5
#: One picture in this many is a mosaic of four others at half their size.
_FOUR_IN_ONE: Final = 8
#: Minimum visible share of a box, and minimum shorter side in pixels.
_LEFT, _SHORTEST = 0.4, 5.0


class AugmentedBatch(NamedTuple):
    """An augmented batch.

    Attributes:
        images: float B×3×S×S RGB, 0…1.
        boxes: float B×M×5: class, left, top, right, bottom in pixels.
        there: bool B×M, mask of the boxes that are present.
    """

    images: torch.Tensor
    boxes: torch.Tensor
    there: torch.Tensor


def augment(
    images: torch.Tensor, boxes: torch.Tensor, there: torch.Tensor, size: int
) -> AugmentedBatch:
    """Apply affine, flip, colour, blur, noise and mosaic augmentation.

    Args:
        images: uint8 B×H×H×3 BGR.
        boxes: float B×M×5 as in `AugmentedBatch`.
        there: bool B×M.
        size: Side of the result in pixels, a multiple of 32.
    """
    flipped = images.flip(3).permute(0, 3, 1, 2).float()
    moved, boxes, there = _move(flipped, boxes, there, size)
    lit = _grain(_blur(_light(moved)))
    return _four_in_one(AugmentedBatch((lit / 255).clamp(0, 1), boxes, there))


def _uniform(images: torch.Tensor, low: float, high: float) -> torch.Tensor:
    return torch.empty(len(images), device=images.device).uniform_(low, high)


def _chosen(images: torch.Tensor, share: float) -> torch.Tensor:
    return torch.rand(len(images), device=images.device) < share


def _move(
    images: torch.Tensor, boxes: torch.Tensor, there: torch.Tensor, size: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Apply a random affine map per picture; coordinates are -1…1 as in `affine_grid`."""
    zoom = _uniform(images, math.log(0.5), math.log(1.6)).exp()
    turn = torch.deg2rad(_uniform(images, -5, 5))
    mirror = 1 - 2 * _chosen(images, 0.5).float()
    room = (zoom - 1).abs() * 0.5 + 0.15
    shift_x, shift_y = (_uniform(images, -1, 1) * room for _ in range(2))
    cos, sin = turn.cos() * zoom, turn.sin() * zoom
    # From the picture as it was to the new one, and back for sampling.
    forward = torch.stack(
        [
            torch.stack([cos * mirror, -sin, shift_x], 1),
            torch.stack([sin * mirror, cos, shift_y], 1),
        ],
        1,
    )
    inverse = torch.linalg.inv(forward[:, :, :2])
    back = torch.cat([inverse, -inverse @ forward[:, :, 2:]], 2)
    grid = functional.affine_grid(back, [len(images), 3, size, size], align_corners=False)
    seen = functional.grid_sample(images - _GREY, grid, align_corners=False) + _GREY
    return seen, *_move_boxes(boxes, there, forward, images.shape[2], size)


def _move_boxes(
    boxes: torch.Tensor, there: torch.Tensor, forward: torch.Tensor, before: int, size: int
) -> tuple[torch.Tensor, torch.Tensor]:
    left, top, right, bottom = (boxes[..., 1:] / before * 2 - 1).unbind(2)
    corners = torch.stack(
        [
            torch.stack([left, right, left, right], 2),
            torch.stack([top, top, bottom, bottom], 2),
        ],
        2,
    )
    moved = torch.einsum("bij,bmjk->bmik", forward[:, :, :2], corners) + forward[:, None, :, 2:]
    low, high = moved.amin(3), moved.amax(3)
    whole = (high - low).prod(2)
    low, high = low.clamp(-1, 1), high.clamp(-1, 1)
    sides = (high - low) * size / 2
    kept = there & ((high - low).prod(2) > _LEFT * whole) & (sides.amin(2) > _SHORTEST)
    pixels = (torch.cat([low, high], 2) + 1) * size / 2
    return torch.cat([boxes[..., :1], pixels], 2), kept


def _light(images: torch.Tensor) -> torch.Tensor:
    """Jitter exposure, gamma and white balance; turn some pictures grey, darken some."""
    shape = (-1, 1, 1, 1)
    gamma = (_uniform(images, -1, 1) * 0.3).exp().view(shape)
    gain = (_uniform(images, -1, 0.8) * 0.3).exp().view(shape)
    balance = (torch.randn(len(images), 3, 1, 1, device=images.device) * 0.06).exp()
    dark = torch.where(_chosen(images, _DARK), _uniform(images, 0.12, 0.5), 1.0).view(shape)
    lit = (images.clamp(0, 255) / 255 + 1e-4) ** gamma * 255 * gain * balance * dark
    weights = torch.tensor([0.299, 0.587, 0.114], device=images.device).view(1, 3, 1, 1)
    grey = (lit * weights).sum(1, keepdim=True).expand_as(lit)
    return torch.where(_chosen(images, _COLOURLESS).view(shape), grey, lit)


def _blur(images: torch.Tensor) -> torch.Tensor:
    count, _, height, width = images.shape
    sigma = torch.where(_chosen(images, _BLURRED), _uniform(images, 0.4, 1.4), 0.05)
    steps = torch.arange(-3, 4, device=images.device)
    bell = torch.exp(-0.5 * (steps[None] / sigma[:, None]) ** 2)
    bell = (bell / bell.sum(1, keepdim=True)).repeat_interleave(3, 0)
    flat = functional.pad(images.reshape(1, count * 3, height, width), (3, 3, 3, 3), "reflect")
    across = functional.conv2d(flat, bell[:, None, None, :], groups=count * 3)
    return functional.conv2d(across, bell[:, None, :, None], groups=count * 3).view_as(images)


def _grain(images: torch.Tensor) -> torch.Tensor:
    amount = torch.where(_chosen(images, _GRAINY), _uniform(images, 0, 9), 0.0)
    return images + torch.randn_like(images[:, :1]) * amount.view(-1, 1, 1, 1)


def _four_in_one(shown: AugmentedBatch) -> AugmentedBatch:
    """Combine the first pictures to mosaics of four, for small people and garments."""
    fours = len(shown.images) // _FOUR_IN_ONE // 4 * 4
    if not fours:
        return shown
    small = functional.avg_pool2d(shown.images[:fours], 2)
    top_left, top_right, low_left, low_right = small.chunk(4)
    joined = torch.cat(
        [torch.cat([top_left, top_right], 3), torch.cat([low_left, low_right], 3)], 2
    )
    half = shown.images.shape[2] / 2
    corners = shown.boxes[:fours].chunk(4)
    offsets = [(0.0, 0.0), (half, 0.0), (0.0, half), (half, half)]
    placed = [
        torch.cat([part[..., :1], part[..., 1:] / 2 + part.new_tensor([*offset, *offset])], 2)
        for part, offset in zip(corners, offsets, strict=True)
    ]
    boxes = torch.cat(placed, 1)
    sides = (boxes[..., 3:] - boxes[..., 1:3]).amin(2)
    there = torch.cat(shown.there[:fours].chunk(4), 1) & (sides > _SHORTEST)
    rest_boxes, rest_there = shown.boxes[fours:], shown.there[fours:]
    extra = boxes.shape[1] - rest_boxes.shape[1]
    return AugmentedBatch(
        torch.cat([joined, shown.images[fours:]]),
        torch.cat([boxes, functional.pad(rest_boxes, (0, 0, 0, extra))]),
        torch.cat([there, functional.pad(rest_there, (0, extra))]),
    )
