"""Access: accounts that log in, screens that staff pair.

A browser holds a random token; only its SHA-256 is kept, so a copied database opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from store import audit
from store.errors import NotFound, StoreError
from store.schema import Account, KnownDevice, Login, Screen
from store.secret import check_strength, hash_secret

#: What an account is for: serving shoppers, setting the place up, reading the figures.
ROLES: Final = ("staff", "technician", "analyst")
_LONGEST_NAME: Final = 100
#: A shift and a bit.
LOGIN_S: Final = 14 * 3600.0
_CODE_S: Final = 15 * 60.0
#: What a screen at the entrance shows, in place of a room.
ENTRANCE: Final = ""
#: Without letters and digits that are mistaken for each other.
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 6


def hash_token(token: str) -> str:
    """Return the stored hash of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def fold_name(name: str) -> str:
    """Return a name as it is compared: without regard to case, width and blanks around words."""
    for _ in range(2):  # folding may make letters that another form exists of
        name = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(name.split())


def find_account(session: Session, name: str) -> Account | None:
    """Return the account of this name, whatever its case.

    Where two accounts of before differ by case alone, the name as it is written decides.
    """
    name = name.strip()
    named = (Account.name == name) | (Account.key == fold_name(name))
    found = session.scalars(select(Account).where(named)).all()
    return min(found, key=lambda account: account.name != name, default=None)


def add_account(session: Session, name: str, role: str, secret: str, time: float) -> None:
    """Add an account, or give a known one another role and secret; that logs it out.

    Raises:
        StoreError: The role is unknown, or the name or the secret cannot be used.
    """
    name, secret = " ".join(name.split()), secret.strip()
    if role not in ROLES:
        raise StoreError(f"There is no role {role!r}; known: {', '.join(ROLES)}.")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise StoreError(f"An account needs a name of 1 to {_LONGEST_NAME} letters.")
    check_strength(secret, name)
    hashed = hash_secret(secret)
    account = find_account(session, name)
    if account is None:
        key = fold_name(name)
        session.add(Account(name=name, key=key, role=role, secret=hashed, created_at=time))
        audit.note(session, time, f"account added as {role}", account=name)
        return
    account.role, account.secret = role, hashed
    _forget_browsers(session, account.id)
    audit.note(session, time, f"account changed to {role}", account=account.name)


def remove_account(session: Session, name: str, time: float) -> None:
    """Remove an account and log it out.

    Raises:
        StoreError: There is none of this name.
    """
    account = find_account(session, name)
    if account is None:
        raise StoreError(f"There is no account {name!r}.")
    _forget_browsers(session, account.id)
    audit.note(session, time, "account removed", account=account.name)
    session.delete(account)


def _forget_browsers(session: Session, account: int) -> None:
    for table in (Login, KnownDevice):
        session.execute(delete(table).where(table.account_id == account))


def accounts(session: Session) -> Sequence[Account]:
    """List the accounts by name."""
    return session.scalars(select(Account).order_by(Account.name)).all()


def knows_device(session: Session, account: int, token: str) -> bool:
    """Check whether an account has logged in before in the browser that holds a token."""
    query = select(KnownDevice.id).where(
        KnownDevice.account_id == account, KnownDevice.token_hash == hash_token(token)
    )
    return session.scalar(query) is not None


def remember_device(session: Session, account: int, token: str, time: float) -> None:
    """Note that an account has logged in in the browser that holds a token."""
    hashed = hash_token(token)
    query = select(KnownDevice).where(
        KnownDevice.account_id == account, KnownDevice.token_hash == hashed
    )
    device = session.scalar(query)
    if device is None:
        device = KnownDevice(account_id=account, token_hash=hashed, seen_at=time)
        session.add(device)
    device.seen_at = time


def log_in(session: Session, account: int, time: float, address: str = "", device: str = "") -> str:
    """Start a login; returns its token. Logins that have expired are forgotten."""
    session.execute(delete(Login).where(Login.expires_at < time))
    token = secrets.token_urlsafe(32)
    session.add(
        Login(
            token_hash=hash_token(token), account_id=account, expires_at=time + LOGIN_S,
            since=time, seen_at=time, address=address, device=device,
        )
    )  # fmt: skip
    return token


def log_out(session: Session, token: str, time: float) -> None:
    """End a login; a token that is none does nothing."""
    login = session.scalar(select(Login).where(Login.token_hash == hash_token(token)))
    if login is not None:
        audit.note(session, time, "logout", account=login.account.name, address=login.address,
                   device=login.device)  # fmt: skip
        session.delete(login)


def login_of(session: Session, token: str, time: float) -> Login | None:
    """Return the login that a token belongs to."""
    query = select(Login).where(Login.token_hash == hash_token(token), Login.expires_at > time)
    return session.scalar(query)


def mark_seen(session: Session, number: int, time: float) -> None:
    """Note that a login is in use; one that has ended does nothing."""
    session.execute(update(Login).where(Login.id == number).values(seen_at=time))


def logins(session: Session, time: float) -> Sequence[Login]:
    """List the open logins, last seen first."""
    query = select(Login).where(Login.expires_at > time).order_by(Login.seen_at.desc(), Login.id)
    return session.scalars(query).all()


def end_login(session: Session, number: int, by: str, time: float, everywhere: bool) -> int:
    """End a login, or all logins of its account; returns how many.

    An account that is logged out everywhere is also unknown again to the browsers it used.

    Raises:
        StoreError: There is no login of this number.
    """
    login = session.get(Login, number)
    if login is None:
        raise StoreError("This login has ended already; reload the page.")
    account = login.account
    ended = [login]
    if everywhere:
        ended = list(session.scalars(select(Login).where(Login.account_id == account.id)))
        _forget_browsers(session, account.id)
    else:
        session.delete(login)
    what = "logged out everywhere" if everywhere else f"logged out on {login.device or 'a browser'}"
    audit.note(session, time, f"{what} by {by or 'somebody'}", account=account.name)
    return len(ended)


def name_place(room: str) -> str:
    """Name what a screen shows: `room 3`, or `the entrance`."""
    return f"room {room}" if room != ENTRANCE else "the entrance"


def ask_for_room(session: Session, room: str, time: float) -> tuple[str, str]:
    """Let a screen ask for a room, or for the entrance (`ENTRANCE`).

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
    audit.note(session, time, f"screen of {name_place(screen.room)} paired", account=by)
    return screen.room


def screen_of(session: Session, token: str) -> Screen | None:
    """Return the screen that a token belongs to, paired or still waiting."""
    return session.scalar(select(Screen).where(Screen.token_hash == hash_token(token)))


def paired_screens(session: Session) -> Sequence[Screen]:
    """List the screens that were let in, by room."""
    query = select(Screen).where(Screen.paired_at.is_not(None)).order_by(Screen.room, Screen.id)
    return session.scalars(query).all()


def waiting_screens(session: Session, time: float) -> Sequence[Screen]:
    """List the screens that show a code now, oldest first."""
    query = select(Screen).where(Screen.paired_at.is_(None), Screen.asked_at >= time - _CODE_S)
    return session.scalars(query.order_by(Screen.id)).all()


def unpair_screen(session: Session, number: int, by: str, time: float) -> None:
    """Shut a screen out.

    Raises:
        StoreError: There is none of this number.
    """
    screen = session.get(Screen, number)
    if screen is None:
        raise NotFound(f"There is no screen {number}; reload the page.")
    audit.note(session, time, f"screen of {name_place(screen.room)} unpaired", account=by)
    session.delete(screen)


def has_accounts(session: Session) -> bool:
    """Check whether anybody can log in."""
    return bool(session.scalar(select(func.count()).select_from(Account)))
