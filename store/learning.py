"""Views of garments that the shop confirmed as articles; the gallery learns from them.

While a garment is in a room, the embeddings of its best crops are kept with it. A tag scan, a
correction, a shopper's choice, or the same confident match on the way in and out says which
article it is: they become views of that article, without time, room, camera or visit. All other
embeddings are deleted with the visit. A later correction of the same garment takes its views with
it, and views that disagree with the rest of the gallery are removed (`disagreeing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from common.crossing import GarmentViews
from common.gallery import Gallery, farthest_rows, find_disagreeing
from store import journal
from store.journal import LEARNED
from store.schema import Colourway, GarmentView, JournalEntry, View, Visit, VisitItem

Source = Literal["tag", "staff", "choice", "match"]
#: What says which article a garment is, the most trustworthy first.
SOURCES: Final[tuple[Source, ...]] = ("tag", "staff", "choice", "match")
#: Learned views of one article at most; more are no longer different.
MOST_VIEWS: Final = 6
#: A match is believed from this probability on, on the way in and out alike.
CONFIDENT: Final = 0.98


@dataclass(frozen=True)
class Learned:
    """What was learned of one article: how many views, by what said that they are of it."""

    sku: str
    views: dict[str, int]


def keep_views(session: Session, item: VisitItem, views: GarmentViews) -> None:
    """Keep a garment's embeddings for as long as its visit lasts."""
    session.add_all(
        GarmentView(
            item_id=item.id,
            model=views.model,
            data=embedding.astype(np.float16).tobytes(),
            cells=local.tobytes(),
        )
        for embedding, local in zip(views.embeddings, views.local_features, strict=True)
    )


def learn(session: Session, item: VisitItem, source: Source) -> int:
    """Let the gallery learn that a garment is the article which it now has; returns how many views.

    What was learned of the same garment before is forgotten: it was another article's, or the
    same one's.
    """
    session.execute(delete(View).where(View.item_id == item.id))
    kept = session.scalars(select(GarmentView).where(GarmentView.item_id == item.id)).all()
    if item.colourway_id is None or not kept:
        return 0
    session.add_all(
        View(
            colourway_id=item.colourway_id,
            model=view.model,
            data=view.data,
            cells=view.cells,
            camera="",
            time=0.0,
            source=source,
            item_id=item.id,
        )
        for view in kept
    )
    session.flush()
    _keep_different(session, item.colourway_id, kept[0].model)
    return len(kept)


def learn_from_match(session: Session, item: VisitItem, probability: float) -> int:
    """Learn from a garment that came out as the article as which it went in.

    Args:
        session: A write transaction.
        item: The garment, as it went in.
        probability: Of the match on the way out.
    """
    learned = select(func.count(View.id)).where(View.item_id == item.id)
    sure = min(item.probability, probability) >= CONFIDENT
    return learn(session, item, "match") if sure and not session.scalar(learned) else 0


def forget_visit_views(session: Session, visit: Visit) -> None:
    """Delete the embeddings of a visit; views that were learned from it no longer refer to it."""
    items = [item.id for item in visit.items]
    session.execute(delete(GarmentView).where(GarmentView.item_id.in_(items)))
    session.execute(update(View).where(View.item_id.in_(items)).values(item_id=None))


def _keep_different(session: Session, colourway: int, model: str) -> None:
    """Keep at most `MOST_VIEWS` learned views of an article, trustworthy and unlike each other."""
    query = select(View).where(
        View.colourway_id == colourway, View.model == model, View.source.in_(SOURCES)
    )
    views = sorted(session.scalars(query), key=lambda v: (SOURCES.index(_source(v)), -v.id))
    if len(views) <= MOST_VIEWS:
        return
    kept = farthest_rows(np.stack([_embedding(view.data) for view in views]), MOST_VIEWS)
    gone = [view.id for row, view in enumerate(views) if row not in kept]
    session.execute(delete(View).where(View.id.in_(gone)))


def _source(view: View) -> Source:
    return next(source for source in SOURCES if source == view.source)


def _embedding(data: bytes) -> NDArray[np.float32]:
    return np.frombuffer(data, np.float16).astype(np.float32)


def list_learned(session: Session) -> list[Learned]:
    """List what was learned, by article."""
    query = (
        select(Colourway.sku, View.source)
        .join(Colourway, Colourway.id == View.colourway_id)
        .where(View.source.in_(SOURCES))
        .order_by(Colourway.sku)
    )
    counts: dict[str, Counter[str]] = {}
    for sku, source in session.execute(query):
        counts.setdefault(sku, Counter())[source] += 1
    return [Learned(sku, dict(count)) for sku, count in counts.items()]


def announce_new(session: Session, now: float) -> int:
    """Note in the journal that views were learned since the last time; returns how many.

    Cameras that follow the catalogue load the gallery with them.
    """
    last = session.scalar(
        select(JournalEntry.payload)
        .where(JournalEntry.kind == LEARNED)
        .order_by(JournalEntry.id.desc())
        .limit(1)
    )
    newest = int((last or {}).get("newest", 0))
    query = select(View.id).where(View.source.in_(SOURCES), View.id > newest)
    found = session.scalars(query).all()
    if found:
        payload = {"views": len(found), "newest": max(found)}
        journal.append(session, now, LEARNED, "", payload)
    return len(found)


def undo(session: Session, now: float, colourway: int | None = None) -> int:
    """Delete what was learned, of one article or of all; returns how many views.

    Args:
        session: A write transaction.
        now: Seconds since the epoch, for the journal.
        colourway: Id of the article's colourway; None is all.
    """
    query = select(View.id).where(View.source.in_(SOURCES))
    if colourway is not None:
        query = query.where(View.colourway_id == colourway)
    return _remove(session, list(session.scalars(query)), now)


def learned_models(session: Session) -> list[str]:
    """List the embedders of which learned views are there."""
    query = select(View.model).where(View.source.in_(SOURCES)).distinct().order_by(View.model)
    return list(session.scalars(query))


def disagreeing(session: Session, model: str, gallery: Gallery) -> list[int]:
    """Find learned views that are more similar to another article than to the rest of their own.

    Args:
        session: A session of the catalogue.
        model: The embedder's short name.
        gallery: All views of all articles by this model (`store.catalogue.load_embeddings`).

    Returns:
        Ids of views.
    """
    rows = session.execute(
        select(View.id, View.data, Colourway.sku)
        .join(Colourway, Colourway.id == View.colourway_id)
        .where(View.model == model, View.source.in_(SOURCES))
        .order_by(View.id)
    ).all()
    if not rows:
        return []
    embeddings = np.stack([_embedding(row.data) for row in rows])
    found = find_disagreeing(gallery, embeddings, [row.sku for row in rows])
    return [int(row.id) for row, wrong in zip(rows, found, strict=True) if wrong]


def remove_disagreeing(session: Session, model: str, gallery: Gallery, now: float) -> int:
    """Delete learned views whose label is wrong (`disagreeing`); returns how many."""
    return _remove(session, disagreeing(session, model, gallery), now)


def _remove(session: Session, numbers: Sequence[int], now: float) -> int:
    if numbers:
        session.execute(delete(View).where(View.id.in_(list(numbers))))
        journal.append(session, now, "catalogue.changed", "", {"unlearned": len(numbers)})
    return len(numbers)
