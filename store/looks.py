"""Looks: outfits that the shop's stylists put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from store.feed import Problem, read_table
from store.schema import Look, LookItem, Variant


@dataclass(frozen=True)
class LooksReport:
    """What an import of looks did."""

    added: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]


def import_looks(session: Session, path: Path) -> LooksReport:
    """Read looks from a CSV `outfit,sku`; a look in the file replaces that of the same code.

    Raises:
        StoreError: The file cannot be read or its header is wrong.
    """
    outfits: dict[str, list[tuple[int, str]]] = {}
    problems: list[Problem] = []
    for line, values in read_table(path, ("outfit", "sku"), ("outfit", "sku")):
        if isinstance(values, Problem):
            problems.append(values)
        elif not values["outfit"] or not values["sku"]:
            column = "sku" if values["outfit"] else "outfit"
            problems.append(Problem(line, column, "is empty."))
        else:
            outfits.setdefault(values["outfit"], []).append((line, values["sku"]))
    ids = _all_skus(session)
    existing = {
        look.code: look for look in session.scalars(select(Look).options(selectinload(Look.items)))
    }
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for code, members in outfits.items():
        wanted: list[int] = []
        for line, sku in members:
            if sku not in ids:
                problems.append(Problem(line, "sku", f"{sku!r} is not in the catalogue."))
            elif ids[sku] not in wanted:
                wanted.append(ids[sku])
        counts[_save_look(session, existing.get(code), code, wanted)] += 1
    ordered = tuple(sorted(problems, key=lambda problem: problem.line))
    return LooksReport(counts["added"], counts["changed"], counts["unchanged"], ordered)


def _all_skus(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Variant.sku, Variant.colourway_id)).all())


def _save_look(session: Session, look: Look | None, code: str, wanted: list[int]) -> str:
    if look is not None and [item.colourway_id for item in look.items] == wanted:
        return "unchanged"
    if len(wanted) < 2:
        return "unchanged"
    outcome = "changed" if look is not None else "added"
    if look is None:
        look = Look(code=code)
        session.add(look)
    look.items.clear()
    session.flush()
    look.items.extend(LookItem(colourway_id=c, position=n) for n, c in enumerate(wanted))
    return outcome
