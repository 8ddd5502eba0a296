"""The look book: outfits by the shop's stylists, by its staff, and composed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session, selectinload

from common.tables import Problem
from store import journal
from store.errors import NotFound, StoreError
from store.look_ids import ArticleIds
from store.lookfile import Incomplete, LooksReport, is_outfit, read_outfits
from store.schema import Colourway, Look, LookItem, Stock, Variant

STATES: Final = ("open", "kept", "dropped")
_MOST_PIECES: Final = 12


def import_looks(
    session: Session, path: Path, time: float, parts: Mapping[str, str] | None = None
) -> LooksReport:
    """Read looks from a CSV `outfit,sku`; a look in the file replaces that of the same code.

    A piece is named by any id that `look_ids.ArticleIds` finds. A look that loses pieces is
    reported, and refused where what is left is no outfit (`is_outfit`).

    Args:
        session: A write transaction.
        path: The file.
        time: Seconds since the epoch, for the journal.
        parts: The part of an outfit that each category fills; without it, kinds do not count.

    Raises:
        StoreError: The file cannot be read or its header is wrong.
    """
    outfits, problems = read_outfits(path)
    ids = ArticleIds(session)
    existing = {
        look.code: look for look in session.scalars(select(Look).options(selectinload(Look.items)))
    }
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    incomplete: list[Incomplete] = []
    for code, members in outfits.items():
        found = {sku: ids.find(sku) for _, sku in members}
        wanted = list(dict.fromkeys(way for way in found.values() if way is not None))
        unknown = tuple(sku for sku, way in found.items() if way is None)
        problems += [
            Problem(line, "sku", f"{sku!r} is not in the catalogue.", "unknown id", sku)
            for line, sku in members
            if found[sku] is None
        ]
        filled = None if parts is None else [parts.get(ids.category(w), "") for w in wanted]
        refused = not is_outfit(len(wanted), filled, lost=bool(unknown))
        if unknown or refused:
            incomplete.append(Incomplete(code, unknown, len(wanted), refused))
        if not refused:
            counts[_save_look(session, existing.get(code), code, wanted)] += 1
    ordered = tuple(sorted(problems, key=lambda problem: problem.line))
    if counts["added"] or counts["changed"]:
        payload = {"added": counts["added"], "changed": counts["changed"]}
        journal.append(session, time, "looks.changed", "", payload)
    return LooksReport(**counts, problems=ordered, incomplete=tuple(incomplete))


def _save_look(session: Session, look: Look | None, code: str, wanted: list[int]) -> str:
    if look is not None and [item.colourway_id for item in look.items] == wanted:
        return "unchanged"
    outcome = "changed" if look is not None else "added"
    if look is None:
        look = Look(code=code)
        session.add(look)
    _fill(session, look, wanted)
    return outcome


def page_of_looks(
    session: Session, origin: str | None, state: str | None, start: int, count: int
) -> tuple[list[Look], int]:
    """Read a page of the look book, newest first; returns it and how many there are in all.

    Args:
        session: A read session.
        origin: `stylist`, `composed` or `staff`, or all.
        state: One of `STATES`, or all but the dropped.
        start: How many to pass over.
        count: How many at most.
    """
    query = select(Look).where(Look.state == state if state else Look.state != "dropped")
    if origin:
        query = query.where(Look.origin == origin)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(Look.id.desc()).offset(start).limit(count)
    return list(session.scalars(page.options(selectinload(Look.items)))), total


def looks_in_stock(session: Session, count: int) -> list[Look]:
    """Choose looks of which every article is on hand: kept ones first, then composed ones.

    Args:
        session: A read session.
        count: How many at most.
    """
    on_hand = select(Variant.colourway_id).join(Stock).where(Stock.available)
    sold_out = select(LookItem.look_id).where(LookItem.colourway_id.not_in(on_hand))
    first = case((Look.state == "kept", 0), (Look.origin == "composed", 1), else_=2)
    query = (
        select(Look)
        .where(Look.state != "dropped", Look.id.not_in(sold_out))
        .order_by(first, Look.score.desc(), Look.id.desc())
        .limit(count)
        .options(selectinload(Look.items))
    )
    return list(session.scalars(query))


def _look(session: Session, number: int) -> Look:
    look = session.get(Look, number)
    if look is None:
        raise NotFound(f"There is no look {number}; reload the page.")
    return look


def judge_look(session: Session, number: int, state: str, time: float) -> None:
    """Keep a look, drop it, or leave it open again.

    Raises:
        StoreError: There is no such look or state.
    """
    if state not in STATES:
        raise StoreError(f"No state {state!r}; known: {', '.join(STATES)}.")
    _look(session, number).state = state
    journal.append(session, time, "looks.changed", "", {"look": number, "state": state})


def write_look(
    session: Session, colourways: Sequence[int], title: str, time: float, number: int | None = None
) -> int:
    """Write a look by hand, or change one; either way it is kept.

    Args:
        session: A write transaction.
        colourways: Ids, in the order they are shown.
        title: What staff call it; may be empty.
        time: Seconds since the epoch.
        number: The look to change; a new one if None.

    Returns:
        Its id.

    Raises:
        StoreError: No such look, an unknown article, or not two to twelve different ones.
    """
    wanted = list(dict.fromkeys(colourways))
    if not 2 <= len(wanted) <= _MOST_PIECES:
        raise StoreError(f"A look has 2 to {_MOST_PIECES} different articles, not {len(wanted)}.")
    there = set(session.scalars(select(Colourway.id).where(Colourway.id.in_(wanted))))
    if missing := [key for key in wanted if key not in there]:
        raise NotFound(f"There is no article {missing[0]} any more; reload the page.")
    if number is None:
        look = Look(code="", origin="staff")
        session.add(look)
        session.flush()
        look.code = f"staff-{look.id}"
    else:
        look = _look(session, number)
        if look.origin == "composed":
            look.origin = "staff"
    look.title, look.state = title, "kept"
    _fill(session, look, wanted)
    journal.append(session, time, "looks.changed", "", {"look": look.id})
    return look.id


def replace_composed(
    session: Session, outfits: Sequence[tuple[Sequence[int], float]], time: float
) -> int:
    """Replace the composed looks that no one has judged.

    What staff kept stays, and what they dropped does not come back.

    Args:
        session: A write transaction.
        outfits: Colourway ids with the model's score, best first.
        time: Seconds since the epoch.

    Returns:
        How many there are now that no one has judged.
    """
    open_ = select(Look.id).where(Look.origin == "composed", Look.state == "open")
    numbers = session.scalars(open_).all()
    session.execute(delete(LookItem).where(LookItem.look_id.in_(numbers)))
    session.execute(delete(Look).where(Look.id.in_(numbers)))
    judged = session.scalars(
        select(Look).where(Look.state != "open").options(selectinload(Look.items))
    )
    known = {frozenset(item.colourway_id for item in look.items) for look in judged}
    fresh = [(keys, score) for keys, score in outfits if frozenset(keys) not in known]
    # Written from the last to the first, so that the best is the newest and comes first.
    for keys, score in reversed(fresh):
        name = "composed-" + "-".join(str(key) for key in sorted(keys))
        look = Look(code=name, origin="composed", score=score)
        session.add(look)
        _fill(session, look, list(keys))
    journal.append(session, time, "looks.changed", "", {"composed": len(fresh)})
    return len(fresh)


def has_composed(session: Session) -> bool:
    """Check whether this shop's look book was ever composed."""
    return session.scalar(select(Look.id).where(Look.origin == "composed").limit(1)) is not None


def _fill(session: Session, look: Look, wanted: Sequence[int]) -> None:
    look.items.clear()
    session.flush()
    look.items.extend(LookItem(colourway_id=c, position=n) for n, c in enumerate(wanted))
