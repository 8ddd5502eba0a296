"""A random drawn wardrobe: garments that nobody owns, for scenes and the demo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.simulation.cutout import Cutout
from models.simulation.fabric import PATTERNS, Colour, Fabric
from models.taxonomy import GARMENTS
from models.training.scenes.drawn import draw_garment
from models.training.scenes.sheet import Design

Rng = np.random.Generator


def random_design(rng: Rng) -> Design:
    """Design one garment at random."""
    category = str(rng.choice(GARMENTS))

    def colour() -> Colour:
        grey = rng.uniform(20, 235)
        b, g, r = (int(n) for n in np.clip(grey + rng.normal(0, 45, 3), 5, 250))
        return b, g, r

    pattern = "denim" if category == "jeans" else str(rng.choice(PATTERNS))
    fabric = Fabric(pattern, colour(), colour(), float(rng.uniform(0.7, 1.6)))
    return Design(category, fabric, int(rng.integers(3)), int(rng.integers(1 << 30)))


def drawn_wardrobe(count: int, seed: int) -> Callable[[Rng], Cutout]:
    """Draw `count` garments once; the result hands them out at random."""
    rng = np.random.default_rng([seed, 5])
    garments = [draw_garment(random_design(rng), f"drawn-{n}") for n in range(count)]
    return lambda pick: garments[int(pick.integers(len(garments)))]
