"""A look book's file: its lines, and what an import reports of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from common.tables import Problem, read_table

_GARMENT_PARTS: Final = frozenset({"upper", "lower", "full", "outer"})


@dataclass(frozen=True)
class Incomplete:
    """A look of a look book of which some pieces are unknown.

    Attributes:
        outfit: Its code.
        unknown: The ids that no article has.
        pieces: How many pieces are left.
        refused: Whether that is no outfit any more; the look was not imported then.
    """

    outfit: str
    unknown: tuple[str, ...]
    pieces: int
    refused: bool

    def __str__(self) -> str:
        """Say it in one line."""
        ids = ", ".join(repr(one) for one in self.unknown[:12])
        lost = f"{len(self.unknown)} unknown ({ids})" if self.unknown else "too few garments"
        done = "not imported" if self.refused else f"imported with {self.pieces} pieces"
        return f"look {self.outfit!r}: {lost}, {done}."


@dataclass(frozen=True)
class LooksReport:
    """The result of an import of looks: looks, skipped lines, incomplete looks."""

    added: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]
    incomplete: tuple[Incomplete, ...] = ()

    @property
    def used(self) -> int:
        """How many looks could be used."""
        return self.added + self.changed + self.unchanged

    @property
    def refused(self) -> int:
        """How many looks were not imported."""
        return sum(look.refused for look in self.incomplete)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "incomplete": [asdict(look) for look in self.incomplete],
            "skipped": len(self.problems),
            "problems": [problem.as_json() for problem in self.problems],
        }


def read_outfits(path: Path) -> tuple[dict[str, list[tuple[int, str]]], list[Problem]]:
    """Read the lines of a look book: outfits with their pieces' lines and ids."""
    outfits: dict[str, list[tuple[int, str]]] = {}
    problems: list[Problem] = []
    for line, values in read_table(path, ("outfit", "sku"), ("outfit", "sku")):
        if isinstance(values, Problem):
            problems.append(values)
        elif not values["outfit"] or not values["sku"]:
            column = "sku" if values["outfit"] else "outfit"
            problems.append(Problem(line, column, "is empty.", "empty"))
        else:
            outfits.setdefault(values["outfit"], []).append((line, values["sku"]))
    return outfits, problems


def is_outfit(pieces: int, parts: Sequence[str] | None, *, lost: bool) -> bool:
    """Check whether what a look holds is an outfit.

    It has two pieces, one of them a garment: shoes and a bag are none. One that has lost pieces
    must show more, two garments or a dress: else what is shown is not what the stylist meant.
    """
    if pieces < 2:
        return False
    if parts is None:
        return True
    garments = [part for part in parts if part in _GARMENT_PARTS]
    return len(garments) >= (2 if lost and "full" not in garments else 1)
