"""Lists of articles that shoppers take along: a link that expires and names no room and no time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.access import hash_token
from store.schema import TakeAlong

#: How long a list can be opened.
KEPT_S: Final = 7 * 24 * 3600.0


def make_list(session: Session, skus: Sequence[str], time: float) -> str:
    """Keep a list; returns its token. Lists that have expired are deleted."""
    session.execute(delete(TakeAlong).where(TakeAlong.expires_at < time))
    token = secrets.token_urlsafe(16)
    # The hour alone: the exact second would tell when she was in the room.
    until = (time + KEPT_S) // 3600 * 3600
    session.add(TakeAlong(token_hash=hash_token(token), skus=list(skus), expires_at=until))
    return token


def read_list(session: Session, token: str, time: float) -> list[str] | None:
    """Return the SKUs of a list; None where there is none or it has expired."""
    query = select(TakeAlong).where(TakeAlong.token_hash == hash_token(token))
    found = session.scalar(query)
    return list(found.skus) if found and found.expires_at > time else None
