"""Many people at once, far and near, as a street, a mall or a ceiling camera shows them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator

#: Heights in pixels of the farthest and the nearest of a crowd.
SMALLEST, TALLEST = 14, 380
#: Below this height in pixels nobody is given garments: they would be specks.
LOADABLE: Final = 70


def stand(count: int, size: int, rng: Rng) -> NDArray[np.float64]:
    """Place people on a floor in perspective, the farthest first.

    Feet lie anywhere between the horizon and below the picture; a person's height grows in
    proportion to how far below the horizon the feet are.

    Args:
        count: How many people.
        size: Side of the square picture in pixels.
        rng: Source of randomness.

    Returns:
        float64 N×3: the middle and the bottom of each in pixels, and the height.
    """
    horizon = size * rng.uniform(-0.6, 0.45)
    nearest = np.exp(rng.uniform(np.log(4 * SMALLEST), np.log(TALLEST)))
    scale = nearest / (size - horizon)
    feet = np.sort(rng.uniform(max(horizon, 0), size * 1.08, count))
    tall = np.maximum((feet - horizon) * scale * rng.uniform(0.85, 1.1, count), SMALLEST)
    middle = rng.uniform(-0.02, 1.02, count) * size
    if rng.random() < 0.5:  # they walk in groups
        middle += (rng.choice(middle, count) - middle) * rng.uniform(0.5, 0.95)
        middle += rng.normal(0, 0.25, count) * tall
    return np.stack([middle, feet, tall], 1)
