"""Views of garments that the shop confirmed as articles; the gallery learns from them.

While a garment is in a room, the embeddings of its best crops are kept with it. A tag scan, a
correction, a shopper's choice, or the same confident match on the way in and out says which
article it is: they become views of that article, without time, room, camera or visit. All other
embeddings are deleted with the visit. A later correction of the same garment takes its views with
it. Learned views are not used before `check_labels` has found their label probable; doubtful ones
wait, and wrong ones are deleted.
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
from common.gallery import Gallery
from common.labels import (
    TRUSTED,
    WRONG,
    LabelledViews,
    choose_views,
    label_probabilities,
)
from store import journal
from store.journal import LEARNED
from store.schema import Colourway, GarmentView, JournalEntry, View, Visit, VisitItem

Source = Literal["tag", "staff", "choice", "match"]
#: What says which article a garment is, the most trustworthy first.
SOURCES: Final[tuple[Source, ...]] = ("tag", "staff", "choice", "match")
#: A match is believed from this probability on, on the way in and out alike: then 0.9995 of the
#: labels are right (docs/explanation/experiments.md).
CONFIDENT: Final = 0.95


@dataclass(frozen=True)
class Learned:
    """What was learned of one article.

    Attributes:
        sku: Of its colourway.
        views: How many views, by what said that they are of it.
        waiting: How many of them are not used: their label is doubtful, or not checked yet.
    """

    sku: str
    views: dict[str, int]
    waiting: int = 0


@dataclass(frozen=True)
class Checked:
    """What a check of the labels did.

    Attributes:
        wrong: Views that were deleted since their label is wrong.
        doubtful: Views that wait, since their label is doubtful.
        spare: Views that were deleted since others of their article show as much.
    """

    wrong: int = 0
    doubtful: int = 0
    spare: int = 0


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
    garment = 1 + (session.scalar(select(func.max(View.garment))) or 0)
    session.add_all(
        View(
            colourway_id=item.colourway_id,
            model=view.model,
            data=view.data,
            cells=view.cells,
            camera="",
            time=0.0,
            source=source,
            garment=garment,
            item_id=item.id,
        )
        for view in kept
    )
    session.flush()
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


def _embedding(data: bytes) -> NDArray[np.float32]:
    return np.frombuffer(data, np.float16).astype(np.float32)


def list_learned(session: Session) -> list[Learned]:
    """List what was learned, by article."""
    query = (
        select(Colourway.sku, View.source, View.trust)
        .join(Colourway, Colourway.id == View.colourway_id)
        .where(View.source.in_(SOURCES))
        .order_by(Colourway.sku)
    )
    counts: dict[str, Counter[str]] = {}
    waiting: Counter[str] = Counter()
    for sku, source, trust in session.execute(query):
        counts.setdefault(sku, Counter())[source] += 1
        waiting[sku] += trust < TRUSTED
    return [Learned(sku, dict(count), waiting[sku]) for sku, count in counts.items()]


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
    query = select(View.id).where(View.source.in_(SOURCES), View.trust >= TRUSTED, View.id > newest)
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


@dataclass(frozen=True)
class Labels:
    """The labels of learned views, computed.

    Attributes:
        trust: Probability that the label is right, by the view's id.
        kept: Ids of the views that stay.
    """

    trust: dict[int, float]
    kept: frozenset[int]


def compute_labels(session: Session, model: str, pictures: Gallery) -> Labels:
    """Compute how probable the labels of learned views are, and which views stay.

    Args:
        session: A session of the catalogue.
        model: The embedder's short name.
        pictures: Certain views by this model (`store.catalogue.load_embeddings`).
    """
    rows = session.execute(
        select(View.id, View.data, View.source, View.garment, Colourway.sku)
        .join(Colourway, Colourway.id == View.colourway_id)
        .where(View.model == model, View.source.in_(SOURCES))
        .order_by(View.id)
    ).all()
    if not rows:
        return Labels({}, frozenset())
    embeddings = np.stack([_embedding(row.data) for row in rows])
    skus = [row.sku for row in rows]
    # Views from before garments had numbers are each of a garment of their own.
    garments = np.array([row.garment or -row.id for row in rows], np.int64)
    trust = label_probabilities(pictures, LabelledViews(embeddings, skus, garments))
    chosen = choose_views(embeddings, skus, trust, [SOURCES.index(row.source) for row in rows])
    return Labels(
        {row.id: float(value) for row, value in zip(rows, trust, strict=True)},
        frozenset(rows[number].id for number in chosen),
    )


def save_labels(session: Session, labels: Labels, now: float) -> Checked:
    """Write what was computed, and delete the views that do not stay.

    Args:
        session: A write transaction; views that are gone since are left out.
        labels: Of `compute_labels`.
        now: Seconds since the epoch, for the journal.
    """
    there = set(session.scalars(select(View.id).where(View.source.in_(SOURCES))))
    for number in sorted(labels.kept & there):
        session.execute(update(View).where(View.id == number).values(trust=labels.trust[number]))
    gone = sorted((labels.trust.keys() - labels.kept) & there)
    _remove(session, gone, now)
    wrong = sum(labels.trust[number] < WRONG for number in gone)
    doubtful = sum(labels.trust[number] < TRUSTED for number in labels.kept & there)
    return Checked(wrong, doubtful, len(gone) - wrong)


def _remove(session: Session, numbers: Sequence[int], now: float) -> int:
    if numbers:
        session.execute(delete(View).where(View.id.in_(list(numbers))))
        journal.append(session, now, "catalogue.changed", "", {"unlearned": len(numbers)})
    return len(numbers)
