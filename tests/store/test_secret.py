"""PINs and passwords that are easy to guess are refused, and told why."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters

from store import StoreError
from store.secret import check_strength, hash_secret, verify


@pytest.fixture
def quick_hashes() -> None:
    """Here they are hashed as a shop does."""


@pytest.mark.parametrize(
    "secret",
    ["111111", "123456", "１１１１１１",
     "987654", "890123", "12 34 56", "135791", "121212", "737373",
     "482482", "20482048", "112211", "147258", "789456", "159357", "123321", "112233", "010190",
     "311299", "053190", "199001", "052001", "19900531", "31052001", "696969",
     "password", "Password1", "qwertz123", "aaaaaaaa", "tiger77", "ANNALENA", "annalena1",
     "anelanna"],
)  # fmt: skip
def test_what_is_easy_to_guess_is_refused(secret: str) -> None:
    with pytest.raises(StoreError, match=r"is easy to guess: it is .*\. Choose digits that"):
        check_strength(secret, "Annalena")


@pytest.mark.parametrize("secret", ["482915", "730164", "905827", "a long secret", "correct horse"])
def test_what_is_not_is_taken(secret: str) -> None:
    check_strength(secret, "Annalena")


@pytest.mark.parametrize(("secret", "told"), [("12345", "at least 6"), ("x" * 201, "at most 200")])
def test_lengths(secret: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        check_strength(secret, "Anna")


def test_only_the_hashed_secret_is_right() -> None:
    hashed = hash_secret("482915")
    assert "482915" not in hashed
    assert extract_parameters(hashed).memory_cost == 65536  # KiB, a guess
    assert verify(hashed, "482915")
    assert not verify(hashed, "482916")
    assert not verify(None, "482915")
    assert not verify("damaged", "482915")
