"""Write crossings to the journal, each once whichever process saw it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cachetools import LRUCache

from common.crossing import Crossing
from services.visits.recording import record_crossing
from store import Session, Site
from store.journal import RECORDING_KEY


def record(
    site: Site,
    crossing: Crossing,
    ordinal: int = 0,
    prefix: str = "",
    check: Callable[[Session], None] | None = None,
) -> bool:
    """Write a crossing to the journal once; returns False if it is there already.

    Its idempotency key depends on the crossing, not on the process.

    Args:
        site: The site.
        crossing: The crossing.
        ordinal: Number of earlier crossings of the same gate, event and time.
        prefix: Prefix of the key.
        check: Raises within the transaction if this process may not write.
    """
    key = f"{prefix}{_moment(crossing)}/{ordinal}"
    if not site.settings.matching.learn or prefix == RECORDING_KEY:
        crossing = crossing.without_views()
    with site.store.write() as session:
        if check is not None:
            check(session)
        return record_crossing(session, crossing, key) is not None


def _moment(crossing: Crossing) -> str:
    return f"{crossing.camera}/{crossing.gate}/{crossing.event}/{crossing.time:.3f}"


class Ordinals:
    """Counts crossings of the same gate, event and time, so that each has its own key."""

    _MOST: Final = 256

    def __init__(self) -> None:
        """Start with none."""
        self._seen: LRUCache[str, int] = LRUCache(self._MOST)

    def next(self, crossing: Crossing) -> int:
        """Return the number of earlier crossings of this gate, event and time."""
        moment = _moment(crossing)
        count = self._seen.get(moment, -1) + 1
        self._seen[moment] = count
        return count
