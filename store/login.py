"""Logging in: back-off first, then a bounded number of hashes, then a trace of the outcome."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

from sqlalchemy.orm import Session

from store import access, audit, throttle
from store.database import Store
from store.errors import StoreError
from store.secret import verify, weakness
from store.throttle import Subject

#: Failures before the first pause: of a browser, of an account elsewhere, of an address, behind
#: which may be a whole shop.
_FREE_DEVICE: Final = 5
_FREE_ACCOUNT: Final = 5
_FREE_ADDRESS: Final = 20
#: Hashes at once, 64 MiB each: of browsers that are not known to the account, and of known ones.
_AT_ONCE: Final = {False: 2, True: 1}
#: Attempts that may wait for one of these, and for how long.
_WAITING: Final = 4
_WAIT_S: Final = 3.0
_COME_AGAIN_S: Final = 5.0


class LoginRefused(StoreError):
    """The login failed; `wait_s` is set where it helps to wait."""

    status: ClassVar[int] = 401
    wait_s: float | None = None


class WrongSecret(LoginRefused):
    """The name or the PIN is wrong."""


class TooManyTries(LoginRefused):
    """The account, the browser or the address has to wait."""

    status = 429


class Busy(LoginRefused):
    """Too many others are logging in at this moment."""

    status = 503


@dataclass(frozen=True)
class Caller:
    """Where an attempt comes from.

    Attributes:
        address: Network address.
        browser: Browser and system, in words.
        token: Random, and kept by the browser from its first login on.
    """

    address: str
    browser: str
    token: str


@dataclass(frozen=True)
class LoggedIn:
    """A login that was started: its token, and the account's role."""

    token: str
    role: str


@dataclass(frozen=True)
class _Attempt:
    account: int | None
    name: str
    role: str
    hashed: str | None
    known: bool
    own: Subject
    subjects: tuple[Subject, ...]


class Doorkeeper:
    """Checks names and PINs; holds the limits that are the process's own."""

    def __init__(self, store: Store) -> None:
        """Take the database."""
        self._store = store
        self._lanes = {
            known: (threading.BoundedSemaphore(n), threading.BoundedSemaphore(n + _WAITING))
            for known, n in _AT_ONCE.items()
        }

    def log_in(self, name: str, secret: str, caller: Caller, now: float) -> LoggedIn:
        """Start a login.

        Args:
            name: Account name, in whatever case.
            secret: PIN or password.
            caller: Where the attempt comes from.
            now: Seconds since the epoch.

        Raises:
            TooManyTries: The account, the browser or the address has to wait.
            Busy: Too many others are logging in; nothing was counted.
            WrongSecret: It was counted, for an unknown name as for a known one.
        """
        with self._store.read() as session:
            attempt = _prepare(session, name, caller)
            _refuse_early(throttle.wait_s(session, attempt.subjects, now))
        with self._lane(attempt.known):
            with self._store.write() as session:
                _refuse_early(throttle.count(session, attempt.subjects, now))
            right = verify(attempt.hashed, secret)
        with self._store.write() as session:
            if not right or attempt.account is None:
                _note_failure(session, attempt, caller, now)
            else:
                return _succeed(session, attempt, secret, caller, now)
        raise WrongSecret("Wrong name or PIN.")

    @contextmanager
    def _lane(self, known: bool) -> Iterator[None]:
        hashing, waiting = self._lanes[known]
        if not waiting.acquire(blocking=False):
            raise _busy()
        try:
            if not hashing.acquire(timeout=_WAIT_S):
                raise _busy()
            try:
                yield
            finally:
                hashing.release()
        finally:
            waiting.release()


def _busy() -> Busy:
    error = Busy("Many people are logging in at this moment. Try again in a few seconds.")
    error.wait_s = _COME_AGAIN_S
    return error


def _refuse_early(wait_s: float) -> None:
    if wait_s > 0:
        whole = int(wait_s) + 1
        long = f"{whole} s" if whole <= 90 else f"{-(-whole // 60)} minutes"
        error = TooManyTries(f"Too many wrong tries. Try again in {long}.")
        error.wait_s = whole
        raise error


def _prepare(session: Session, name: str, caller: Caller) -> _Attempt:
    account = access.find_account(session, name)
    # What was typed may be a PIN in the wrong field: only its hash is kept.
    key = account.key if account else access.fold_name(name)
    whose = hashlib.sha256(key.encode()).hexdigest()[:32]
    own = Subject(f"account:{whose}", _FREE_ACCOUNT)
    subjects: tuple[Subject, ...] = (own, Subject(f"address:{caller.address}", _FREE_ADDRESS))
    if account is None:
        return _Attempt(None, "", "", None, False, own, subjects)
    if known := access.knows_device(session, account.id, caller.token):
        # Strangers who guess elsewhere must not keep users out of their own phones.
        browser = access.hash_token(caller.token)[:32]
        own = Subject(f"device:{browser}:{account.id}", _FREE_DEVICE)
        subjects = (own,)
    return _Attempt(account.id, account.name, account.role, account.secret, known, own, subjects)


def _note_failure(session: Session, attempt: _Attempt, caller: Caller, now: float) -> None:
    wait = throttle.wait_s(session, attempt.subjects, now)
    pause = f"; has to wait {wait:.0f} s" if wait else ""
    outcome = "wrong PIN or password" if attempt.account else "unknown name"
    audit.note(session, now, "login", outcome + pause, attempt.name, caller.address, caller.browser)


def _succeed(
    session: Session, attempt: _Attempt, secret: str, caller: Caller, now: float
) -> LoggedIn:
    account = attempt.account or 0
    throttle.forgive(session, [attempt.own], entirely=True)
    # A user with an account must not clear the way for guesses at others.
    throttle.forgive(session, attempt.subjects[1:], entirely=False)
    easy = weakness(secret, attempt.name)
    outcome = f"ok, but easy to guess: {easy}" if easy else "ok"
    audit.note(session, now, "login", outcome, attempt.name, caller.address, caller.browser)
    access.remember_device(session, account, caller.token, now)
    token = access.log_in(session, account, now, caller.address, caller.browser)
    return LoggedIn(token, attempt.role)
