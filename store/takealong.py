"""Lists of articles that shoppers take along: a link that expires and names no room and no time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.access import hash_token
from store.schema import Request, TakeAlong, VisitItem

#: How long a list can be opened.
KEPT_S: Final = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Entry:
    """An article on a list.

    Attributes:
        sku: Of the variant, or of the colourway where no one knows the size.
        exact: Whether it is the variant's.
    """

    sku: str
    exact: bool


def list_entries(wanted: Iterable[VisitItem | Request]) -> list[Entry]:
    """List the articles in a room and the requested ones, without declined ones.

    An article whose size no one knows is left out where it is also there in a size.
    """
    entries: dict[Entry, int] = {}
    for one in wanted:
        if one.colourway is None or one.colourway_id is None or one.state == "declined":
            continue
        sku = one.variant.sku if one.variant else one.colourway.sku
        entries.setdefault(Entry(sku, one.variant is not None), one.colourway_id)
    in_a_size = {key for entry, key in entries.items() if entry.exact}
    return [entry for entry, key in entries.items() if entry.exact or key not in in_a_size]


def make_list(session: Session, entries: Sequence[Entry], time: float) -> str:
    """Keep a list; returns its token. Lists that have expired are deleted."""
    session.execute(delete(TakeAlong).where(TakeAlong.expires_at < time))
    token = secrets.token_urlsafe(16)
    # The hour alone: the exact second would show when she was in the room.
    until = (time + KEPT_S) // 3600 * 3600
    listed = [asdict(entry) for entry in entries]
    session.add(TakeAlong(token_hash=hash_token(token), skus=listed, expires_at=until))
    return token


def read_list(session: Session, token: str, time: float) -> list[Entry] | None:
    """Return the articles of a list; None if there is none or it has expired."""
    query = select(TakeAlong).where(TakeAlong.token_hash == hash_token(token))
    found = session.scalar(query)
    return [Entry(**entry) for entry in found.skus] if found and found.expires_at > time else None
