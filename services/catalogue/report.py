"""The result of an import: as text, as JSON, as exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from common.tables import Problem
from services.catalogue.choice import PoorPicture

#: Share of a feed's rows that must be usable for the feed to speak for the whole assortment.
_ENOUGH: Final = 0.5
#: A feed that lacks more than this share of what is in stock, and more than these, may have broken
#: off while it was written or fetched.
_MOST_GONE: Final = 0.3
_FEW: Final = 20


@dataclass
class ImportReport:
    """The result of an import.

    Attributes:
        added: Variants that are new.
        changed: Variants whose row or pictures changed.
        unchanged: Variants passed over.
        removed: Variants out of stock because the feed no longer lists them.
        problems: One for each row that was skipped.
        notes: What was left out of rows that were used.
        kept_because: Why nothing was taken out of stock; empty where the feed decided.
        shrunk: Whether that is because the feed lists far fewer articles than are in stock.
        poor: Articles in stock without a good picture.
        cut_out: Articles in stock that are worn in every picture, and were cut out of it.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    kept_because: str = ""
    shrunk: bool = False
    poor: list[PoorPicture] = field(default_factory=list)
    cut_out: int = 0

    @property
    def used(self) -> int:
        """How many rows could be used."""
        return self.added + self.changed + self.unchanged

    @property
    def exit_code(self) -> int:
        """0 all rows were used, 1 some were skipped or the feed is too short, 2 none was used."""
        return exit_code(self.used, bool(self.problems) or self.shrunk)

    def sort(self) -> None:
        """Put problems and notes in the order of the feed's lines."""
        self.problems.sort(key=lambda problem: problem.line)
        self.notes.sort(key=lambda note: note.line)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "skipped": len(self.problems),
            "reasons": count_by_kind(self.problems),
            "problems": [problem.as_json() for problem in self.problems],
            "noted": count_by_kind(self.notes),
            "notes": [note.as_json() for note in self.notes],
            "kept_in_stock_because": self.kept_because or None,
            "without_good_picture": [picture.as_json() for picture in self.poor],
            "cut_out_of_photos": self.cut_out,
        }


def exit_code(used: int, skipped: bool) -> int:
    """Return a command's exit code: 0 all used, 1 some skipped, 2 nothing could be used."""
    return 2 if not used else int(skipped)


def count_by_kind(problems: Iterable[Problem]) -> dict[str, int]:
    """Count problems by kind, the most frequent first."""
    return dict(Counter(problem.kind for problem in problems).most_common())


def why_nothing_goes(report: ImportReport) -> str:
    """Say why a complete feed takes nothing out of stock; empty where it does.

    A feed of which most rows cannot be used is a broken export, and says nothing of the articles
    that it lacks. A row that was skipped but names its id keeps that article as it was.
    """
    if not report.used:
        return "no row of the feed could be used"
    if report.used < _ENOUGH * (report.used + len(report.problems)):
        return "more than half of the feed's rows could not be used"
    return ""


def why_too_short(gone: int, on_hand: int) -> str:
    """Say why a feed seems to have broken off; empty where it does not.

    Args:
        gone: Variants in stock that it does not list.
        on_hand: All variants in stock.
    """
    if gone <= max(_FEW, _MOST_GONE * on_hand):
        return ""
    return (
        f"the feed lists only {on_hand - gone} of the {on_hand} variants in stock, as one that "
        "broke off does. If it is complete, import it with --allow-removals"
    )
