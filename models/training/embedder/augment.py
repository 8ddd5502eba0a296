"""Augment batches of pictures on the device, so that a rendered view can be used many times.

Geometric augmentation is one `grid_sample`. All randomness comes from the device's default
generator, which `torch.manual_seed` seeds.
"""

from __future__ import annotations

import torch
from torch import nn

#: Probability of a horizontal flip; a garment may hang either way round.
_MIRRORED = 0.3
#: Probabilities of occlusion, low resolution, noise, and greyscale (infrared at night).
_COVERED, _COARSE, _NOISY, _GREY = 0.3, 0.25, 0.5, 0.03


def augment_views(images: torch.Tensor) -> torch.Tensor:
    """Augment carried views: affine, flip, occlusion, colour, resolution, noise.

    Args:
        images: Float B×3×H×W in 0…255.

    Returns:
        Float B×3×H×W in 0…255, of the same garments.
    """
    moved = _move(images, shift=0.04, zoom=0.08, turn=0.1, mirrored=_MIRRORED)
    seen = _coarsen(_recolour(_cover(moved), 0.35))
    noise = torch.randn_like(seen[:, :1]) * _uniform(seen, 1, 7) * _some(seen, _NOISY)
    grey = seen.mean(1, keepdim=True)
    return (torch.where(_some(seen, _GREY).bool(), grey, seen) + noise).clamp(0, 255)


def augment_packshots(images: torch.Tensor) -> torch.Tensor:
    """Augment packshots: colour, and a shift by a pixel or two; shapes as `augment_views`."""
    return _recolour(_move(images, shift=0.01, zoom=0.02, turn=0.0, mirrored=0.0), 0.25)


def _uniform(images: torch.Tensor, low: float, high: float) -> torch.Tensor:
    return torch.empty(len(images), 1, 1, 1, device=images.device).uniform_(low, high)


def _some(images: torch.Tensor, share: float) -> torch.Tensor:
    """Draw a mask B×1×1×1 that is 1 with this probability, else 0."""
    return (_uniform(images, 0, 1) < share).float()


def _move(
    images: torch.Tensor, shift: float, zoom: float, turn: float, mirrored: float
) -> torch.Tensor:
    """Apply random affine transforms; pixels outside repeat the edge.

    Args:
        images: Float B×3×H×W.
        shift: Standard deviation of the translation, as a share of the side.
        zoom: Standard deviation of the logarithm of width and height.
        turn: Standard deviation of the angle, radians.
        mirrored: Probability of a horizontal flip.
    """
    count, device = len(images), images.device
    angle = torch.randn(count, device=device) * turn
    width, height = torch.exp(torch.randn(2, count, device=device) * zoom)
    width = width * (1 - 2 * (torch.rand(count, device=device) < mirrored).float())
    ratio = images.shape[3] / images.shape[2]
    x, y = 2 * shift * torch.randn(2, count, device=device)
    cos, sin = angle.cos(), angle.sin()
    rows = [cos * width, -sin * height / ratio, x, sin * width * ratio, cos * height, y]
    affine = torch.stack(rows, 1).view(count, 2, 3)
    grid = nn.functional.affine_grid(affine, list(images.shape), align_corners=False)
    return nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _cover(images: torch.Tensor) -> torch.Tensor:
    """Occlude some pictures by a rectangle of another one of the batch, mostly from a side."""
    height, width = images.shape[2:]
    y = torch.linspace(0, 1, height, device=images.device)[:, None]
    x = torch.linspace(0, 1, width, device=images.device)[None]
    inside = _some(images, _COVERED).bool()
    for along in (y, x):
        size = _uniform(images, 0.15, 0.5)
        start = _uniform(images, -0.3, 1.3) - size / 2
        inside = inside & (along > start) & (along < start + size)
    other = images[torch.randperm(len(images), device=images.device)]
    return torch.where(inside, other, images)


def _recolour(images: torch.Tensor, strength: float) -> torch.Tensor:
    """Jitter exposure, gamma and white balance as `models.simulation.camera.recolour` does."""
    noise = torch.randn(len(images), 5, 1, 1, device=images.device) * strength
    gamma, gain = (0.2 * noise[:, :1]).exp(), (0.17 * noise[:, 1:2]).exp()
    balance = (0.045 * noise[:, 2:]).exp()
    return ((images / 255).clamp(1e-4, 1).pow(gamma) * gain * balance * 255).clamp(0, 255)


def _coarsen(images: torch.Tensor) -> torch.Tensor:
    """Reduce the resolution of some pictures, as distant cameras and soft lenses do."""
    some = torch.randperm(len(images), device=images.device)[: int(_COARSE * len(images))]
    if not len(some):
        return images
    # One of four factors for a whole batch, so that the device sees few different shapes.
    factor = (0.35, 0.5, 0.65, 0.8)[int(torch.randint(4, (1,)))]
    small = nn.functional.interpolate(
        images[some], scale_factor=factor, mode="bilinear", antialias=True
    )
    seen = images.clone()
    seen[some] = nn.functional.interpolate(small, size=images.shape[2:], mode="bilinear")
    return seen
