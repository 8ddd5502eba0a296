"""An outfit, as the composer makes it and the ranking orders it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outfit:
    """A complete outfit.

    Attributes:
        pieces: Rows of the shop's articles, in the order they are worn; carried ones the shop
            knows are among them.
        carried: Which carried garments it was made for, known or not.
        score: How well it goes together; only for comparison.
        source: `look`, `kept` or `composed`.
    """

    pieces: tuple[int, ...]
    carried: tuple[int, ...]
    score: float
    source: str
