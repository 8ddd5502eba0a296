"""The tables of the rooms: visits, requests, reactions to suggestions, and the journal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.crossing import Candidate
from store.schema.base import Base
from store.schema.catalogue import Colourway, Variant
from store.types import CandidatesType


class Visit(Base):
    """A person's time in a room, from the first entry to the last exit.

    `room` is empty while no one has claimed what went in through a gate to several `rooms`.
    `hidden_at` is when another person went in although the end had not been seen: no screen shows
    such a visit any more, and it ends or goes on soon.
    """

    __tablename__ = "visit"
    # The journal names visits that were deleted: no other one may get the number.
    __table_args__ = (
        Index("ix_visit_room_closed_at", "room", "closed_at"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str]
    rooms: Mapped[list[Any]] = mapped_column(default=list)
    opened_at: Mapped[float]
    touched_at: Mapped[float]
    closed_at: Mapped[float | None]
    hidden_at: Mapped[float | None]
    people: Mapped[int] = mapped_column(default=1)
    items: Mapped[list[VisitItem]] = relationship(back_populates="visit", order_by="VisitItem.id")


class VisitItem(Base):
    """A garment that went in. `state` is `in`, `not_mine`, `out` or `cleared`.

    `candidates` are the articles it may be, the likeliest first; where the `category` is not
    clearly ahead of others, `category_certain` is false.

    `variant` is known where a tag was scanned; a picture does not show a size. After the visit,
    `in` means that it may still hang in the room, until staff have `cleared` it.

    `camera`, `model` (the embedder's short name), `nearest` and `base_probability` say what it was
    matched by (`store.match_outcomes`); they are empty where no camera saw it, or nothing is
    learned.
    """

    __tablename__ = "visit_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    category: Mapped[str]
    category_certain: Mapped[bool] = mapped_column(default=True)
    colourway_id: Mapped[int | None] = mapped_column(ForeignKey("colourway.id"))
    score: Mapped[float]
    probability: Mapped[float] = mapped_column(default=0.0)
    candidates: Mapped[tuple[Candidate, ...]] = mapped_column(CandidatesType, default=())
    state: Mapped[str] = mapped_column(default="in")
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("variant.id"))
    camera: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    base_probability: Mapped[float] = mapped_column(default=0.0)
    nearest_id: Mapped[int | None] = mapped_column(ForeignKey("colourway.id"))
    visit: Mapped[Visit] = relationship(back_populates="items")
    colourway: Mapped[Colourway | None] = relationship(foreign_keys=[colourway_id])
    variant: Mapped[Variant | None] = relationship()

    @property
    def size(self) -> str:
        """Its size, empty where no one knows it."""
        return self.variant.size if self.variant else ""


class GarmentView(Base):
    """The embedding of a crop of a garment that is in a room; deleted when its visit ends."""

    __tablename__ = "garment_view"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("visit_item.id", ondelete="CASCADE"), index=True
    )
    model: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    cells: Mapped[bytes] = mapped_column(LargeBinary)


class Request(Base):
    """A request of a shopper to staff.

    `state` goes open → taken → answered → done, or to declined (with a `reason`, one of
    `requests.REASONS`) or cancelled. Without an article it asks for a person; with an article
    but without a `variant` the shopper named no size. `taken_by` names the account that took it,
    `done_at` is when it ended.
    """

    __tablename__ = "request"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    room: Mapped[str]
    colourway_id: Mapped[int | None] = mapped_column(ForeignKey("colourway.id"))
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("variant.id"))
    state: Mapped[str] = mapped_column(default="open", index=True)
    answer: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    taken_by: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[float]
    taken_at: Mapped[float | None]
    done_at: Mapped[float | None]
    colourway: Mapped[Colourway | None] = relationship()
    variant: Mapped[Variant | None] = relationship()
    visit: Mapped[Visit] = relationship()

    @property
    def size(self) -> str:
        """The size asked for, empty where none was."""
        return self.variant.size if self.variant else ""


class Feedback(Base):
    """The reaction to a suggestion.

    `kind` is `shown`, `opened`, `requested`, `tried`, `bought` or `dropped`. `outfit` names the
    outfit by its colourways' ids in rising order. `features` and `propensity` are those it was
    ranked by when it was shown, so that another ranking can be judged by the same log.
    """

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("visit_id", "outfit", "kind", "colourway_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float] = mapped_column(index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    kind: Mapped[str] = mapped_column(index=True)
    outfit: Mapped[str]
    colourway_id: Mapped[int | None] = mapped_column(ForeignKey("colourway.id"))
    position: Mapped[int]
    propensity: Mapped[float]
    features: Mapped[list[Any]]


class TakeAlong(Base):
    """A list of articles that a shopper sent to a phone; it names no room and no visit.

    `skus` holds `takealong.Entry` as JSON.
    """

    __tablename__ = "take_along"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    skus: Mapped[list[Any]]
    expires_at: Mapped[float] = mapped_column(index=True)


class JournalEntry(Base):
    """One event. Ids rise and are never used twice: they are the screens' resume point."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_kind_time", "kind", "time"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float]
    kind: Mapped[str]
    room: Mapped[str] = mapped_column(default="", index=True)
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
