"""The tables of those who may log in, and of the screens that are let in."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.schema.base import Base


class Account(Base):
    """A person who may log in; `secret` is an Argon2 hash, `role` one of `access.ROLES`.

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
