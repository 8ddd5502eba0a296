"""Who may come in: accounts that log in, screens that staff let in.

A browser holds a random token; only its SHA-256 is kept, so a copied database opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.schema import Account, Login, Screen

#: What an account is for: serving shoppers, setting the place up, reading the figures.
ROLES: Final = ("staff", "technician", "analyst")
#: Shortest PIN or password.
SHORTEST: Final = 6
#: A shift and a bit.
LOGIN_S: Final = 14 * 3600.0
_CODE_S: Final = 15 * 60.0
#: Without letters and digits that are mistaken for each other.
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 6


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def hash_token(token: str) -> str:
    """Return what is kept of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_account(session: Session, name: str, role: str, secret: str, time: float) -> None:
    """Add an account, or give a known one another role and secret; that logs it out.

    Raises:
        StoreError: The role is unknown, or the name or the secret too short.
    """
    name = name.strip()
    if role not in ROLES:
        raise StoreError(f"There is no role {role!r}; known: {', '.join(ROLES)}.")
    if not name:
        raise StoreError("An account needs a name.")
    if len(secret) < SHORTEST:
        raise StoreError(f"A PIN or password has at least {SHORTEST} characters.")
    hashed = _hasher().hash(secret)
    account = session.scalar(select(Account).where(Account.name == name))
    if account is None:
        session.add(Account(name=name, role=role, secret=hashed, created_at=time))
        return
    account.role, account.secret = role, hashed
    session.execute(delete(Login).where(Login.account_id == account.id))


def remove_account(session: Session, name: str) -> None:
    """Remove an account and log it out.

    Raises:
        StoreError: There is none of this name.
    """
    account = session.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise StoreError(f"There is no account {name!r}.")
    session.execute(delete(Login).where(Login.account_id == account.id))
    session.delete(account)


def accounts(session: Session) -> Sequence[Account]:
    """List the accounts by name."""
    return session.scalars(select(Account).order_by(Account.name)).all()


def check_secret(session: Session, name: str, secret: str) -> int | None:
    """Return the account's id if its secret is right; takes as long for an unknown name."""
    account = session.scalar(select(Account).where(Account.name == name))
    try:
        _hasher().verify(account.secret if account else _nobodys_secret(), secret)
    except (VerificationError, InvalidHashError):
        return None
    return account.id if account else None


@cache
def _nobodys_secret() -> str:
    return _hasher().hash(secrets.token_hex(16))


def log_in(session: Session, account: int, time: float) -> str:
    """Start a login; returns its token. Logins that have expired are forgotten."""
    session.execute(delete(Login).where(Login.expires_at < time))
    token = secrets.token_urlsafe(32)
    session.add(Login(token_hash=hash_token(token), account_id=account, expires_at=time + LOGIN_S))
    return token


def log_out(session: Session, token: str) -> None:
    """End a login; a token that is none does nothing."""
    session.execute(delete(Login).where(Login.token_hash == hash_token(token)))


def who_is(session: Session, token: str, time: float) -> Account | None:
    """Return the account that a token logged in."""
    query = select(Login).where(Login.token_hash == hash_token(token), Login.expires_at > time)
    login = session.scalar(query)
    return login.account if login else None


def ask_for_room(session: Session, room: str, time: float) -> tuple[str, str]:
    """Let a screen ask for a room.

    Returns:
        Its token, and the code that staff are to confirm within a quarter of an hour.
    """
    waiting = Screen.paired_at.is_(None)
    session.execute(delete(Screen).where(waiting, Screen.asked_at < time - _CODE_S))
    token = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    session.add(Screen(token_hash=hash_token(token), room=room, code=code, asked_at=time))
    return token, code


def pair_screen(session: Session, code: str, by: str, time: float) -> str:
    """Confirm a screen's code; returns the room it shows from now on.

    Raises:
        StoreError: No screen shows this code, or no longer.
    """
    code = code.strip().upper().replace(" ", "")
    screen = session.scalar(select(Screen).where(Screen.code == code))
    if screen is None or screen.asked_at < time - _CODE_S:
        raise StoreError(f"No screen shows the code {code!r} now; read it off the screen again.")
    screen.code, screen.paired_at, screen.paired_by = None, time, by
    return screen.room


def screen_of(session: Session, token: str) -> Screen | None:
    """Return the screen that a token belongs to, let in or still waiting."""
    return session.scalar(select(Screen).where(Screen.token_hash == hash_token(token)))


def paired_screens(session: Session) -> Sequence[Screen]:
    """List the screens that were let in, by room."""
    query = select(Screen).where(Screen.paired_at.is_not(None)).order_by(Screen.room, Screen.id)
    return session.scalars(query).all()


def waiting_screens(session: Session, time: float) -> Sequence[Screen]:
    """List the screens that show a code now, oldest first."""
    query = select(Screen).where(Screen.paired_at.is_(None), Screen.asked_at >= time - _CODE_S)
    return session.scalars(query.order_by(Screen.id)).all()


def unpair_screen(session: Session, number: int) -> None:
    """Shut a screen out.

    Raises:
        StoreError: There is none of this number.
    """
    screen = session.get(Screen, number)
    if screen is None:
        raise StoreError(f"There is no screen {number}; reload the page.")
    session.delete(screen)


def has_accounts(session: Session) -> bool:
    """Tell whether anybody can log in."""
    return bool(session.scalar(select(func.count()).select_from(Account)))
