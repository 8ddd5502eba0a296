"""A feed's row, as it is written into the tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from common.tables import Problem
from store.sales import Offer


@dataclass(frozen=True)
class Row:
    """One valid row: a variant with its article's data.

    `price` is in minor units, None where the feed has none that can be shown; `quantity` is the
    number of pieces on hand, None where it is not known; `notes` say what was left out of it.
    """

    line: int
    id: str
    group: str
    title: str
    pictures: tuple[str, ...]
    available: bool
    price: int | None
    currency: str
    gtin: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    offer: Offer | None = None
    notes: tuple[Problem, ...] = ()
    quantity: int | None = field(default=None, repr=False)

    def content(self) -> str:
        """Return what the row says, wherever it stands, without the quantity: sales change it."""
        return repr(replace(self, line=0, notes=()))
