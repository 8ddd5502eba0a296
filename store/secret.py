"""PINs and passwords: which are refused as too easy to guess, and how they are kept."""

from __future__ import annotations

import itertools
import secrets
from datetime import date
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from store.errors import StoreError

#: Shortest PIN or password.
SHORTEST: Final = 6
#: Longest; the login form sends no more.
LONGEST: Final = 200
#: Shown wherever a secret is chosen.
ADVICE: Final = "Choose digits that follow no pattern, drawn at random say, or several words."
#: zxcvbn's estimate that a password with letters needs: what a random PIN of six digits has.
_GUESSES: Final = 10**6
#: zxcvbn reads no more of a password.
_READ: Final = 72
#: Lines on a number pad, read from either end.
_PAD_LINES: Final = frozenset(
    ("147", "258", "369", "741", "852", "963", "123", "456", "789", "321", "654", "987")
    + ("159", "951", "357", "753")
)


def check_strength(secret: str, name: str) -> None:
    """Refuse a PIN or password that is easy to guess.

    Args:
        secret: The PIN or password that was chosen.
        name: The account's name.

    Raises:
        StoreError: It is too short, too long or too easy to guess; says why and what to do.
    """
    if len(secret) < SHORTEST:
        raise StoreError(f"A PIN or password has at least {SHORTEST} characters. {ADVICE}")
    if len(secret) > LONGEST:
        raise StoreError(f"A PIN or password has at most {LONGEST} characters.")
    if why := weakness(secret, name):
        raise StoreError(f"This PIN or password is easy to guess: it is {why}. {ADVICE}")


def weakness(secret: str, name: str) -> str | None:
    """Return why a PIN or password is easy to guess; None if it is not."""
    from zxcvbn import zxcvbn
    from zxcvbn.matching import RANKED_DICTIONARIES

    # 30,000 passwords from leaks, most frequent first; Dropbox's zxcvbn, which counted them.
    if secret.lower() in RANKED_DICTIONARIES["passwords"]:
        return "one of the most common"
    digits = "".join(letter for letter in secret if letter not in " -./")
    if digits.isdecimal():
        return _pattern("".join(str(int(digit)) for digit in digits))
    plain, folded = name.casefold(), secret.casefold()
    if plain and (plain in folded or plain[::-1] in folded) and len(folded) - len(plain) < SHORTEST:
        return "the account's name"
    guesses = zxcvbn(secret[:_READ], user_inputs=[plain])["guesses"]
    return "close to a common word, name, date or row of keys" if guesses < _GUESSES else None


def _pattern(pin: str) -> str | None:
    """Name the pattern of a PIN."""
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    if len(set(pin)) <= 2:
        return "made of one or two digits"
    if len(steps) == 1 or steps <= {0, 1, 9}:
        return "a run of digits"
    if any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1)):
        return "a repeated group of digits"
    if all(pin[at : at + 3] in _PAD_LINES for at in range(0, len(pin), 3)):
        return "a pattern on the number pad"
    return "a date" if _is_date(pin) else None


def _is_date(pin: str) -> bool:
    """Check whether a PIN reads as a day or a month of 1900 to 2039, in any usual order."""
    if len(pin) == 6:
        months = ((pin[:4], pin[4:]), (pin[2:], pin[:2]))
        if any(_day(year, month, "01") for year, month in months):
            return True
        a, b, c = pin[:2], pin[2:4], pin[4:]
        days = [(century + year, month, day) for century in ("19", "20")
                for year, month, day in ((a, b, c), (c, b, a), (c, a, b))]  # fmt: skip
        return any(_day(*one) for one in days)
    if len(pin) == 8:
        return _day(pin[:4], pin[4:6], pin[6:]) or any(
            _day(pin[4:], month, day) for month, day in ((pin[:2], pin[2:4]), (pin[2:4], pin[:2]))
        )
    return False


def _day(year: str, month: str, day: str) -> bool:
    try:
        return 1900 <= date(int(year), int(month), int(day)).year < 2040
    except ValueError:
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_hex(16))


def hash_secret(secret: str) -> str:
    """Return the Argon2 hash of a PIN or password."""
    return _hasher().hash(secret)


def verify(hashed: str | None, secret: str) -> bool:
    """Check whether a secret is the one that was hashed; None takes as long and is wrong.

    Takes 64 MiB and about a tenth of a second of processor: bound how many run at once.
    """
    try:
        _hasher().verify(hashed or _nobodys(), secret)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None
