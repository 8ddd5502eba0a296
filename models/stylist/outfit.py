"""The outfit, which is composed and ranked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outfit:
    """A complete outfit.

    Attributes:
        rows: Rows of the shop's articles in display order, with the carried ones that were
            matched.
        carried: Indices of the carried garments that it was composed for, matched or not.
        score: Compatibility; for comparisons only.
        source: `look`, `kept` or `composed`.
    """

    rows: tuple[int, ...]
    carried: tuple[int, ...]
    score: float
    source: str
