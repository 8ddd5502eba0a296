"""The tables: catalogue, looks, visits, requests, journal.

Times are seconds since the epoch from an injected clock; money is in its currency's minor units
(ISO 4217).
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from common.crossing import Candidate
from store.types import CandidatesType

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {dict[str, Any]: JSON, list[Any]: JSON}


class Article(Base):
    """A style: one cut, in one or more colourways."""

    __tablename__ = "article"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    brand: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(index=True)
    product_type: Mapped[str] = mapped_column(default="")
    google_category: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="")
    age_group: Mapped[str] = mapped_column(default="")
    material: Mapped[str] = mapped_column(default="")
    colourways: Mapped[list[Colourway]] = relationship(back_populates="article")


class Colourway(Base):
    """A style in one colour: what a picture shows and a camera can tell apart.

    `sku` is that of its first variant and names the colourway everywhere; `lab` is its
    colour as L*, a*, b*, measured on its first picture.
    """

    __tablename__ = "colourway"
    __table_args__ = (UniqueConstraint("article_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    key: Mapped[str]
    sku: Mapped[str] = mapped_column(unique=True)
    colour: Mapped[str] = mapped_column(default="")
    pattern: Mapped[str] = mapped_column(default="")
    lab: Mapped[list[Any]] = mapped_column(default=lambda: [50.0, 0.0, 0.0])
    article: Mapped[Article] = relationship(back_populates="colourways")
    variants: Mapped[list[Variant]] = relationship(
        back_populates="colourway", order_by="Variant.id"
    )
    pictures: Mapped[list[Picture]] = relationship(
        back_populates="colourway", order_by="Picture.position"
    )


class Variant(Base):
    """A colourway in one size: what lies on a `shelf`, as the feed names it.

    `gtin` has 14 digits (`gtin.normalise_gtin`), or is empty.
    `sale_price` counts from `sale_from` until `sale_until` (`sales.price_at`).
    """

    __tablename__ = "variant"
    id: Mapped[int] = mapped_column(primary_key=True)
    colourway_id: Mapped[int] = mapped_column(ForeignKey("colourway.id"), index=True)
    sku: Mapped[str] = mapped_column(unique=True)
    gtin: Mapped[str] = mapped_column(default="", index=True)
    size: Mapped[str] = mapped_column(default="")
    price: Mapped[int | None] = mapped_column(BigInteger)
    sale_price: Mapped[int | None] = mapped_column(BigInteger)
    sale_from: Mapped[float | None]
    sale_until: Mapped[float | None]
    currency: Mapped[str] = mapped_column(default="")
    shelf: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="")
    colourway: Mapped[Colourway] = relationship(back_populates="variants")
    stock: Mapped[Stock] = relationship(back_populates="variant")


class Stock(Base):
    """What is on hand of a variant; `quantity` is null where the feed only says yes or no."""

    __tablename__ = "stock"
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), primary_key=True)
    available: Mapped[bool]
    quantity: Mapped[int | None]
    variant: Mapped[Variant] = relationship(back_populates="stock")


class Picture(Base):
    """A picture of a colourway; the file lies in the site's `pictures/` under its hash.

    `kind` is what it shows (`store.pictures.Kind`), as `parsed_by` found: the parser's weights and
    the category that it looked for. A picture that is not `used` is shown, but not embedded.
    """

    __tablename__ = "picture"
    __table_args__ = (UniqueConstraint("colourway_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    colourway_id: Mapped[int] = mapped_column(ForeignKey("colourway.id"), index=True)
    position: Mapped[int]
    link: Mapped[str]
    file: Mapped[str]
    kind: Mapped[str] = mapped_column(default="", server_default="")
    parsed_by: Mapped[str] = mapped_column(default="", server_default="")
    used: Mapped[bool] = mapped_column(default=True, server_default=true())
    vectors: Mapped[list[Vector]] = relationship(cascade="all, delete-orphan")
    colourway: Mapped[Colourway] = relationship(back_populates="pictures")


class Vector(Base):
    """A picture's embedding by one model: float16, L2-normalised; and its cells, int8."""

    __tablename__ = "vector"
    picture_id: Mapped[int] = mapped_column(ForeignKey("picture.id"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    cells: Mapped[bytes | None] = mapped_column(LargeBinary)


class View(Base):
    """How a camera of this shop saw a colourway.

    It was held up to the camera (`source` is `held`), or learned from a garment that was confirmed
    to be this article (`store.learning.SOURCES`); a learned one has no camera and no time, and
    `item_id` for as long as the garment's visit lasts. The embedding is kept, never the picture,
    which may show who held it; other weights cannot use it.
    """

    __tablename__ = "view"
    id: Mapped[int] = mapped_column(primary_key=True)
    colourway_id: Mapped[int] = mapped_column(ForeignKey("colourway.id"), index=True)
    model: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    cells: Mapped[bytes | None] = mapped_column(LargeBinary)
    camera: Mapped[str]
    time: Mapped[float]
    source: Mapped[str] = mapped_column(default="held")
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_item.id", ondelete="SET NULL"), index=True
    )


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


class Look(Base):
    """An outfit of the shop's look book.

    `origin` is `stylist` (imported), `composed` (by the stylist model) or `staff` (made here);
    `state` is `open`, `kept` or `dropped` by staff. `score` is the model's, 0 where it gave none.
    """

    __tablename__ = "look"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str] = mapped_column(default="stylist", index=True)
    state: Mapped[str] = mapped_column(default="open", index=True)
    score: Mapped[float] = mapped_column(default=0.0)
    title: Mapped[str] = mapped_column(default="")
    items: Mapped[list[LookItem]] = relationship(
        back_populates="look", order_by="LookItem.position", cascade="all, delete-orphan"
    )


class LookItem(Base):
    """One article of a look."""

    __tablename__ = "look_item"
    look_id: Mapped[int] = mapped_column(ForeignKey("look.id"), primary_key=True)
    colourway_id: Mapped[int] = mapped_column(
        ForeignKey("colourway.id"), primary_key=True, index=True
    )
    position: Mapped[int]
    look: Mapped[Look] = relationship(back_populates="items")
    colourway: Mapped[Colourway] = relationship()


class Visit(Base):
    """Somebody's time in a room, from the first entry to the last exit.

    `room` is empty while nobody has claimed what went in through a gate to several `rooms`.
    `hidden_at` is when somebody else went in although the end had not been seen: no screen shows
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
        """Its size, empty where nobody knows it."""
        return self.variant.size if self.variant else ""


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


class Sale(Base):
    """One article sold at the till, as reported by the shop's system."""

    __tablename__ = "sale"
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float] = mapped_column(index=True)
    receipt: Mapped[str]
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), index=True)
    quantity: Mapped[int] = mapped_column(default=1)
    __table_args__ = (UniqueConstraint("receipt", "variant_id"),)


class Account(Base):
    """Somebody who may log in; `secret` is an Argon2 hash, `role` one of `access.ROLES`.

    `key` is the name without regard to case, in which it is looked up.
    """

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    secret: Mapped[str]
    created_at: Mapped[float]


class Login(Base):
    """A browser in which an account is logged in; of its token only a hash is kept.

    `device` is its browser and system in words.
    """

    __tablename__ = "login"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    expires_at: Mapped[float]
    since: Mapped[float] = mapped_column(default=0.0, server_default="0")
    seen_at: Mapped[float] = mapped_column(default=0.0, server_default="0")
    address: Mapped[str] = mapped_column(default="", server_default="")
    device: Mapped[str] = mapped_column(default="", server_default="")
    account: Mapped[Account] = relationship()


class KnownDevice(Base):
    """A browser in which an account has logged in before; of its token only a hash is kept."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("token_hash", "account_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    seen_at: Mapped[float]


class Throttle(Base):
    """Failures of an account, a device or an address, and until when it has to wait."""

    __tablename__ = "throttle"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(unique=True)
    failures: Mapped[int]
    last_at: Mapped[float] = mapped_column(index=True)
    until: Mapped[float]


class Audit(Base):
    """A line of the audit log: who tried to come in, and who changed who may."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float] = mapped_column(index=True)
    event: Mapped[str]
    outcome: Mapped[str]
    account: Mapped[str]
    address: Mapped[str]
    device: Mapped[str]


class Screen(Base):
    """A browser that shows a room, or waits with its code to be let in."""

    __tablename__ = "screen"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    room: Mapped[str]
    code: Mapped[str | None] = mapped_column(unique=True)
    asked_at: Mapped[float]
    paired_at: Mapped[float | None]
    paired_by: Mapped[str] = mapped_column(default="")


class TakeAlong(Base):
    """A list of articles that a shopper sent to a phone; it names no room and no visit.

    `skus` holds `takealong.Entry` as JSON.
    """

    __tablename__ = "take_along"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    skus: Mapped[list[Any]]
    expires_at: Mapped[float] = mapped_column(index=True)


class CameraStatus(Base):
    """The current state of a camera, and the process that watches it.

    Attributes:
        camera: Its name.
        state: One of `store.cameras.STATES`.
        cause: Why, as a word for programs; empty if not known.
        message: What happened and what to do.
        since: When state or cause became what they are.
        moved: It was moved, and has not been seen where it was since. Outlives other states.
        owner: Token of the process that watches it; empty while none does.
        host: Where that process runs.
        pid: Its process id.
        heartbeat: Counts up while that process lives and its frames are processed.
        heartbeat_at: When it did so last.
        frame_at: When the newest frame came.
        fps: Frames that came in a second, lately.
    """

    __tablename__ = "camera_status"
    camera: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    cause: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")
    since: Mapped[float]
    moved: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = mapped_column(default="")
    host: Mapped[str] = mapped_column(default="")
    pid: Mapped[int | None]
    heartbeat: Mapped[int] = mapped_column(default=0)
    heartbeat_at: Mapped[float | None]
    frame_at: Mapped[float | None]
    fps: Mapped[float | None]


class JournalEntry(Base):
    """One event. Ids rise and are never used twice: they are the screens' resume point."""

    __tablename__ = "journal"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's way
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float]
    kind: Mapped[str] = mapped_column(index=True)
    room: Mapped[str] = mapped_column(default="", index=True)
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
