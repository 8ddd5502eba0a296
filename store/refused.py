"""Which articles, in which sizes, staff could not bring."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from store.schema import Colourway, Request, Visit


@dataclass(frozen=True)
class Refused:
    """How often staff could not bring an article in a size, by their reasons.

    `number` is the variant's, or the style's where no size was asked for.
    """

    number: str
    title: str
    colour: str
    size: str
    declined: int
    out_of_stock: int
    not_found: int
    requests: int


def read_refused(session: Session, start: float, end: float, least: int) -> list[Refused]:
    """List declined requests, the most frequent first.

    Args:
        session: A read session.
        start: Seconds since the epoch; requests count whose visit began from then on.
        end: The same; not included.
        least: Fewest visits in which an article in a size was declined.
    """
    asked = session.scalars(
        select(Request)
        .join(Visit)
        .where(Visit.opened_at >= start, Visit.opened_at < end)
        .where(Request.colourway_id.is_not(None))
        .options(
            selectinload(Request.variant),
            selectinload(Request.colourway).selectinload(Colourway.article),
        )
    ).all()
    groups: dict[tuple[int | None, int | None], list[Request]] = defaultdict(list)
    for request in asked:
        groups[request.colourway_id, request.variant_id].append(request)
    rows = [_refused_row(some) for some in groups.values() if _visits_that(some) >= least]
    return sorted(rows, key=lambda row: (-row.declined, row.number))


def _visits_that(asked: Sequence[Request]) -> int:
    """Count the visits in which requests were declined."""
    return len({request.visit_id for request in asked if request.state == "declined"})


def _refused_row(asked: Sequence[Request]) -> Refused:
    request = asked[0]
    colourway, declined = request.colourway, [r for r in asked if r.state == "declined"]
    assert colourway is not None  # only requests for an article are asked for
    reasons = Counter(one.reason for one in declined)
    return Refused(
        request.variant.sku if request.variant else colourway.article.code,
        colourway.article.title,
        colourway.colour,
        request.size,
        len(declined),
        reasons["out_of_stock"],
        reasons["not_found"],
        len(asked),
    )
