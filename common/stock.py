"""What a shop knows about the stock of its articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class StockFigures:
    """The stock of N articles; NaN is unknown.

    Attributes:
        skus: The colourways' SKUs.
        listed: bool N, whether any size is on hand according to the shop's system.
        count: float N, pieces on hand.
        sold_days: float N, days since the last sale.
        seen_days: float N, days since it was last in a fitting room.
    """

    skus: tuple[str, ...]
    listed: NDArray[np.bool_]
    count: Doubles
    sold_days: Doubles
    seen_days: Doubles

    def of(self, skus: Sequence[str]) -> StockFigures:
        """Return the figures of some articles in their order; those of others are not listed."""
        place = {sku: n for n, sku in enumerate(self.skus)}
        rows = np.array([place.get(sku, -1) for sku in skus], np.int64)
        known = rows >= 0

        def take(values: Doubles) -> Doubles:
            taken = np.full(len(rows), np.nan)
            taken[known] = values[rows[known]]
            return taken

        listed = np.zeros(len(rows), bool)
        listed[known] = self.listed[rows[known]]
        return StockFigures(
            tuple(skus), listed, take(self.count), take(self.sold_days), take(self.seen_days)
        )
