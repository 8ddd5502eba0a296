"""Logging in: pauses after failures, a bounded number of hashes, names in any case, a trace."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from store import Site, access, audit, login, open_site, throttle
from store.login import Busy, Caller, Doorkeeper, TooManyTries, WrongSecret

PIN, WRONG = "482915", "735102"


@pytest.fixture
def shop(site: Site) -> Site:
    with site.store.write() as session:
        access.add_account(session, "Anna", "staff", PIN, 0.0)
        access.add_account(session, "Bert", "staff", PIN, 0.0)
    return site


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare without hashing, where only the counting matters."""
    monkeypatch.setattr(login, "verify", lambda hashed, secret: bool(hashed) and secret == PIN)


def caller(address: str = "192.0.2.1", token: str = "fresh") -> Caller:
    return Caller(address, "Chrome on Android", token)


def attempt(
    door: Doorkeeper, secret: str, now: float, name: str = "Anna", who: Caller | None = None
) -> str:
    try:
        door.log_in(name, secret, who or caller(), now)
    except (WrongSecret, TooManyTries) as error:
        return type(error).__name__
    return "in"


@pytest.mark.usefixtures("quick")
def test_wrong_pins_from_many_addresses_do_not_pass(shop: Site) -> None:
    door = Doorkeeper(shop.store)
    told = [
        attempt(door, WRONG, 0.1 * n, who=caller(f"192.0.2.{n % 12}", f"token {n}"))
        for n in range(120)
    ]
    assert told == ["WrongSecret"] * 5 + ["TooManyTries"] * 115
    assert attempt(door, PIN, 13.0) == "TooManyTries", "the right PIN has to wait too"
    assert attempt(door, PIN, 31.0) == "in"


@pytest.mark.usefixtures("quick")
def test_pauses_double_up_to_a_quarter_of_an_hour_and_are_forgotten(shop: Site) -> None:
    door, now, pauses = Doorkeeper(shop.store), 0.0, list[float]()
    for _ in range(13):
        assert attempt(door, WRONG, now) == "WrongSecret"
        try:
            door.log_in("Anna", WRONG, caller(), now)
        except TooManyTries as error:
            pauses.append((error.wait_s or 0) - 1)
            now += error.wait_s or 0
        except WrongSecret:
            pass
    assert pauses[:6] == [30, 60, 120, 240, 480, 900]
    assert set(pauses[6:]) == {900}
    now += throttle.FORGOTTEN_S + 1
    assert [attempt(door, WRONG, now) for _ in range(5)] == ["WrongSecret"] * 5


@pytest.mark.usefixtures("quick")
def test_limits_outlive_a_restart_and_hold_for_every_process(shop: Site) -> None:
    for _ in range(5):
        attempt(Doorkeeper(shop.store), WRONG, 0.0)
    again = open_site(shop.folder)
    assert attempt(Doorkeeper(again.store), PIN, 1.0) == "TooManyTries"
    again.store.close()


@pytest.mark.usefixtures("quick")
def test_strangers_do_not_keep_somebody_out_of_her_own_phone(shop: Site) -> None:
    door, phone = Doorkeeper(shop.store), caller("192.0.2.9", "her phone")
    assert attempt(door, PIN, 0.0, who=phone) == "in"
    for n in range(9):
        attempt(door, WRONG, 1.0, who=caller(f"192.0.2.{n}", f"stranger {n}"))
    assert attempt(door, PIN, 2.0, who=caller("192.0.2.77", "new phone")) == "TooManyTries"
    assert attempt(door, PIN, 2.0, who=phone) == "in"
    told = [attempt(door, WRONG, 3.0, who=phone) for _ in range(7)]
    assert told == ["WrongSecret"] * 5 + ["TooManyTries"] * 2, "a stolen phone has its own limit"


@pytest.mark.usefixtures("quick")
def test_an_own_account_does_not_clear_the_way_for_guesses_at_others(shop: Site) -> None:
    door, told = Doorkeeper(shop.store), list[str]()
    for n in range(30):
        told.append(attempt(door, WRONG, 0.0, name=f"Guess {n}"))
        attempt(door, PIN, 0.0, name="Bert", who=caller(token=f"token {n}"))
    assert told.count("WrongSecret") == 20


@pytest.mark.usefixtures("quick")
def test_attempts_at_one_moment_do_not_pass_together(shop: Site) -> None:
    door = Doorkeeper(shop.store)

    def guess(number: int) -> str:
        try:
            return attempt(door, WRONG, 0.0, who=caller(f"192.0.2.{number}", f"{number}"))
        except Busy:
            return "Busy"

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(guess, range(40)))
    assert told.count("WrongSecret") <= 5


def hashing_stands_still(
    door: Doorkeeper, monkeypatch: pytest.MonkeyPatch, who: Callable[[int], Caller]
) -> tuple[int, list[str]]:
    """Let 54 attempts come while none is done; returns how many hashed, and what others got."""
    lock, go_on, full = threading.Lock(), threading.Event(), threading.Event()
    both = threading.Event()  # a second one may take its place long after the others gave up
    running, most, told = 0, 0, list[str]()

    def slow(_hashed: str | None, _secret: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 2:
                both.set()
        go_on.wait(20)
        with lock:
            running -= 1
        return False

    def guess(number: int) -> None:
        try:
            answer = attempt(door, WRONG, 0.0, name=f"Guess {number}", who=who(number))
        except Busy:
            answer = "Busy"
        with lock:
            told.append(answer)
            if told.count("Busy") >= 48:
                full.set()

    monkeypatch.setattr(login, "verify", slow)
    monkeypatch.setattr(login, "_WAIT_S", 20)
    with ThreadPoolExecutor(54) as pool:
        for number in range(54):
            pool.submit(guess, number)
        stood_still = full.wait(20) and both.wait(20)
        go_on.set()  # even where it failed: threads that wait would hold the pool for long
    assert stood_still
    return most, told


def test_hashes_are_bounded_and_the_rest_is_told_to_come_again(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    most, told = hashing_stands_still(
        Doorkeeper(shop.store), monkeypatch, lambda n: caller(f"192.0.2.{n}", f"{n}")
    )
    assert most == 2
    assert sorted(set(told)) == ["Busy", "WrongSecret"]
    assert told.count("WrongSecret") == 6


def test_a_known_phone_has_its_own_lane(shop: Site) -> None:
    door, phone = Doorkeeper(shop.store), caller(token="her phone")
    assert attempt(door, PIN, 0.0, who=phone) == "in"
    strangers = door._lanes[False][0]
    assert strangers.acquire()
    assert strangers.acquire()
    assert attempt(door, PIN, 1.0, who=phone) == "in"


@pytest.mark.usefixtures("quick")
def test_case_width_and_blanks_of_a_name_do_not_count(shop: Site) -> None:
    door = Doorkeeper(shop.store)
    with shop.store.write() as session:
        access.add_account(session, "Jörg  Straße", "staff", PIN, 0.0)
    for name in ("anna", "ANNA", " Anna ", "Ａｎｎａ"):
        assert attempt(door, PIN, 0.0, name=name) == "in"
    for name in ("jörg strasse", "JÖRG STRASSE", "Jo\u0308rg Straße"):
        assert attempt(door, PIN, 0.0, name=name) == "in"
    with shop.store.write() as session:
        access.add_account(session, "ANNA", "technician", "905827", 1.0)
        assert [account.name for account in access.accounts(session)].count("Anna") == 1
        assert access.find_account(session, "anna").role == "technician"  # type: ignore[union-attr]


@pytest.mark.usefixtures("quick")
def test_every_attempt_leaves_a_trace_that_names_no_secret(shop: Site) -> None:
    door = Doorkeeper(shop.store)
    attempt(door, WRONG, 1.0)
    attempt(door, PIN, 2.0)
    attempt(door, WRONG, 3.0, name=PIN)  # a PIN in the wrong field
    with shop.store.read() as session:
        lines = audit.recent(session)
        told = [(line.account, line.outcome) for line in lines if line.event == "login"]
        assert told == [("", "unknown name"), ("Anna", "ok"), ("Anna", "wrong PIN or password")]
        assert {line.address for line in lines if line.event == "login"} == {"192.0.2.1"}
        assert not any(PIN in f"{line.event}{line.outcome}{line.account}" for line in lines)


def test_the_audit_log_is_bounded(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST", 10)
    with shop.store.write() as session:
        for number in range(30):
            audit.note(session, float(number), "login", "x" * 1000)
        audit.purge(session, before=25.0)
        left = audit.recent(session)
        assert [line.time for line in left] == [29.0, 28.0, 27.0, 26.0, 25.0]
        assert len(left[0].outcome) == 100
        audit.purge(session, before=0.0)
        assert len(audit.recent(session)) == 5
