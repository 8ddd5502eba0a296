"""The audit log: who tried to come in, and who changed who may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from store.schema import Audit

#: Strangers can add lines; the oldest go beyond this many.
MOST: Final = 20_000
_LONGEST: Final = 100


def note(
    session: Session,
    time: float,
    event: str,
    outcome: str = "ok",
    account: str = "",
    address: str = "",
    device: str = "",
) -> None:
    """Add a line to the audit log.

    Args:
        session: A write transaction.
        time: Seconds since the epoch.
        event: What was done or tried, in words: `login`, `screen of room 3 paired`.
        outcome: `ok`, or why not.
        account: The account that did it, or that it was tried for.
        address: Network address it came from.
        device: Browser and system, in words.
    """
    texts = {"event": event, "outcome": outcome, "account": account, "address": address,
             "device": device}  # fmt: skip
    session.add(Audit(time=time, **{name: text[:_LONGEST] for name, text in texts.items()}))


def recent(session: Session, most: int = 200) -> Sequence[Audit]:
    """List the newest lines, newest first."""
    return session.scalars(select(Audit).order_by(Audit.id.desc()).limit(most)).all()


def purge(session: Session, before: float) -> None:
    """Delete lines older than a time, and the oldest beyond `MOST`."""
    session.execute(delete(Audit).where(Audit.time < before))
    newest = session.scalar(select(func.max(Audit.id))) or 0
    session.execute(delete(Audit).where(Audit.id <= newest - MOST))
