"""What was sent of which day, in the journal: never twice, from several processes too.

Before each attempt an event with a key of its own is written, which only one process can write.
An attempt without a result may have arrived: it is not repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store import journal
from store.journal import with_prefix
from store.schema import JournalEntry
from store.site import Site

Channel = Literal["email", "webhook"]

_FIRST_PAUSE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 3600.0
#: Attempts of a day; the last one is some ten hours after the first.
MOST: Final = 15


def _prefix(day: date, channel: Channel) -> str:
    return f"summary/{day.isoformat()}/{channel}/"


def claim(site: Site, day: date, channel: Channel, now: float, again: bool = False) -> int | None:
    """Claim the next attempt at sending a day's summary.

    Args:
        site: The shop.
        day: Which day.
        channel: How it is sent.
        now: Seconds since the epoch.
        again: Send it also if it was sent, may have been, or has to wait.

    Returns:
        The attempt's number; None where nothing is to be sent now.
    """
    try:
        with site.store.write() as session:
            done = with_prefix(session, _prefix(day, channel))
            attempts = [entry for entry in done if entry.kind == "summary.sending"]
            if not again and not _may_try(done, len(attempts), now):
                return None
            number = len(attempts) + 1
            payload = {"day": day.isoformat(), "channel": channel, "attempt": number}
            key = f"{_prefix(day, channel)}{number}"
            entry = journal.append(session, now, "summary.sending", "", payload, key)
            return number if entry else None
    except IntegrityError:  # another process was faster
        return None


def _may_try(done: Sequence[JournalEntry], attempts: int, now: float) -> bool:
    if not done:
        return True
    last = done[-1]
    if last.kind != "summary.failed" or attempts >= MOST:
        return False
    pause = min(_FIRST_PAUSE_S * 2.0 ** (attempts - 1), _LONGEST_PAUSE_S)
    return now - last.time >= pause


def note_sent(session: Session, day: date, channel: Channel, number: int, now: float) -> None:
    """Note that an attempt succeeded."""
    payload = {"day": day.isoformat(), "channel": channel, "attempt": number}
    journal.append(session, now, "summary.sent", "", payload, f"{_prefix(day, channel)}{number}/+")


def note_failed(
    session: Session, day: date, channel: Channel, number: int, now: float, why: str
) -> None:
    """Note that an attempt failed and nothing arrived, so that it is repeated."""
    payload = {"day": day.isoformat(), "channel": channel, "attempt": number, "why": why}
    key = f"{_prefix(day, channel)}{number}/-"
    journal.append(session, now, "summary.failed", "", payload, key)
