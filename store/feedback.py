"""Reactions to suggestions (shown, opened, requested, tried, bought, dropped), and sales."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.tables import Problem, read_table
from store.errors import StoreError
from store.schema import Feedback, Sale, Variant, Visit

#: What a reaction is worth, 0 to 1; of several the highest counts, and dropping undoes all.
REWARDS: Final = {"opened": 0.3, "requested": 0.7, "tried": 0.8, "bought": 1.0}
KINDS: Final = ("shown", *REWARDS, "dropped")
#: Sold within this time after a visit began counts as that visit's.
_UNTIL_SOLD_S: Final = 2 * 3600.0


def name_outfit(keys: Iterable[int]) -> str:
    """Name an outfit by its colourways."""
    return "-".join(str(key) for key in sorted(keys))


def keys_of(name: str) -> tuple[int, ...]:
    """Parse the colourways from an outfit's name.

    Raises:
        StoreError: It is none.
    """
    try:
        return tuple(int(key) for key in name.split("-"))
    except ValueError as error:
        raise StoreError(f"{name!r} names no outfit.") from error


@dataclass(frozen=True)
class Shown:
    """An outfit on a screen: where, and what it was ranked by."""

    outfit: str
    position: int
    propensity: float
    features: tuple[float, ...]


def record_shown(session: Session, visit: int, shown: Sequence[Shown], time: float) -> None:
    """Note that outfits were on the screen; the same twice in a visit is once."""
    known = set(
        session.scalars(
            select(Feedback.outfit).where(Feedback.visit_id == visit, Feedback.kind == "shown")
        )
    )
    for one in shown:
        if one.outfit not in known:
            session.add(_row(visit, one, "shown", time))
            known.add(one.outfit)


def _row(visit: int, shown: Shown, kind: str, time: float, key: int | None = None) -> Feedback:
    return Feedback(
        time=time,
        visit_id=visit,
        kind=kind,
        outfit=shown.outfit,
        colourway_id=key,
        position=shown.position,
        propensity=shown.propensity,
        features=list(shown.features),
    )


def record(
    session: Session, visit: int, outfit: str, kind: str, time: float, key: int | None = None
) -> bool:
    """Note a reaction to an outfit that was shown in a visit.

    Returns:
        Whether it was noted: the same reaction is once, to what was not shown never.

    Raises:
        StoreError: There is no such kind of reaction.
    """
    if kind not in KINDS or kind == "shown":
        raise StoreError(f"No reaction {kind!r}; known: {', '.join(KINDS[1:])}.")
    rows = session.scalars(
        select(Feedback).where(Feedback.visit_id == visit, Feedback.outfit == outfit)
    ).all()
    first = next((row for row in rows if row.kind == "shown"), None)
    if first is None or any(row.kind == kind and row.colourway_id == key for row in rows):
        return False
    shown = Shown(outfit, first.position, first.propensity, tuple(first.features))
    session.add(_row(visit, shown, kind, time, key))
    session.flush()
    return True


def record_article(session: Session, visit: int, key: int, kind: str, time: float) -> int:
    """Note a reaction to an article, for every shown outfit that holds it and was opened.

    An outfit counts as the reason only if she opened it; where none was opened, the first one
    shown that holds the article does.

    Returns:
        For how many outfits.
    """
    rows = session.scalars(
        select(Feedback).where(Feedback.visit_id == visit).order_by(Feedback.position)
    ).all()
    opened = {row.outfit for row in rows if row.kind == "opened"}
    holding = [r.outfit for r in rows if r.kind == "shown" and key in keys_of(r.outfit)]
    chosen = [outfit for outfit in holding if outfit in opened] or holding[:1]
    return sum(record(session, visit, outfit, kind, time, key) for outfit in chosen)


@dataclass(frozen=True)
class Outcome:
    """The reward of one impression of an outfit."""

    visit: int
    outfit: str
    position: int
    propensity: float
    features: tuple[float, ...]
    reward: float


def outcomes(session: Session) -> list[Outcome]:
    """Read every shown outfit with the best that became of it, in the order shown."""
    best: dict[tuple[int, str], float] = defaultdict(float)
    query = select(Feedback.visit_id, Feedback.outfit, Feedback.kind).where(
        Feedback.kind != "shown"
    )
    dropped = set()
    for visit, outfit, kind in session.execute(query):
        best[visit, outfit] = max(best[visit, outfit], REWARDS.get(kind, 0.0))
        if kind == "dropped":
            dropped.add((visit, outfit))
    shown = session.scalars(select(Feedback).where(Feedback.kind == "shown").order_by(Feedback.id))
    return [
        Outcome(
            row.visit_id,
            row.outfit,
            row.position,
            row.propensity,
            tuple(row.features),
            0.0 if (row.visit_id, row.outfit) in dropped else best[row.visit_id, row.outfit],
        )
        for row in shown
    ]


def dropped_outfits(session: Session, visit: int) -> set[str]:
    """List the outfits that a shopper dismissed in this visit."""
    query = select(Feedback.outfit).where(Feedback.visit_id == visit, Feedback.kind == "dropped")
    return set(session.scalars(query))


def last_feedback(session: Session) -> int:
    """Return the newest row's id, 0 without any."""
    return session.scalar(select(func.max(Feedback.id))) or 0


@dataclass(frozen=True)
class SalesReport:
    """The result of an import of sales."""

    added: int
    known: int
    credited: int
    problems: tuple[Problem, ...]


def import_sales(session: Session, path: Path) -> SalesReport:
    """Read sales from a CSV `receipt,time,sku[,quantity]`; a line read before changes nothing.

    A sold article that a visit of the last two hours was shown or carried in counts as what
    that visit bought. `time` is ISO 8601; without a zone it is the shop's own.

    Raises:
        StoreError: The file cannot be read or its header is wrong.
    """
    variants = {variant.sku: variant for variant in session.scalars(select(Variant))}
    known = {(row[0], row[1]) for row in session.execute(select(Sale.receipt, Sale.variant_id))}
    added = again = credited = 0
    problems: list[Problem] = []
    columns = ("receipt", "time", "sku")
    for line, values in read_table(path, columns, (*columns, "quantity")):
        if isinstance(values, Problem):
            problems.append(values)
            continue
        sale = _parse_sale(line, values, variants)
        if isinstance(sale, Problem):
            problems.append(sale)
        elif (sale.receipt, sale.variant_id) in known:
            again += 1
        else:
            known.add((sale.receipt, sale.variant_id))
            session.add(sale)
            added += 1
            credited += _credit(session, sale, variants[values["sku"]].colourway_id)
    return SalesReport(added, again, credited, tuple(problems))


def _parse_sale(
    line: int, values: Mapping[str, str], variants: Mapping[str, Variant]
) -> Sale | Problem:
    if values["sku"] not in variants:
        return Problem(line, "sku", f"{values['sku']!r} is not in the catalogue.")
    if not values["receipt"]:
        return Problem(line, "receipt", "is empty.")
    try:
        time = datetime.fromisoformat(values["time"]).timestamp()
    except ValueError:
        return Problem(line, "time", f"{values['time']!r} is no time like 2026-05-31T14:05.")
    quantity = values.get("quantity") or "1"
    if not quantity.isdigit() or int(quantity) < 1:
        return Problem(line, "quantity", f"{quantity!r} is no number from 1.")
    variant = variants[values["sku"]].id
    return Sale(receipt=values["receipt"], time=time, variant_id=variant, quantity=int(quantity))


def _credit(session: Session, sale: Sale, colourway: int) -> int:
    """Credit a sale to the latest visit that was shown the article; returns how many outfits."""
    visits = session.scalars(
        select(Visit)
        .where(Visit.opened_at <= sale.time, Visit.opened_at >= sale.time - _UNTIL_SOLD_S)
        .order_by(Visit.opened_at.desc())
    )
    for visit in visits:
        if count := record_article(session, visit.id, colourway, "bought", sale.time):
            return count
    return 0
