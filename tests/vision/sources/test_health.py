"""The state of a source, and the pauses between attempts, under a clock of the test's."""

from __future__ import annotations

import random

import pytest

from vision.sources.cause import Cause, SourceError, describe
from vision.sources.health import STEADY_S, Backoff, Health, State


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health("rtsp://cam-3/live", clock, 3.0)


def show(health: Health, clock: Clock, seconds: float, rate: float = 10.0) -> set[State]:
    """Let pictures come for a while; returns the states that were seen."""
    seen = set()
    for _ in range(round(seconds * rate)):
        clock.now += 1 / rate
        health.picture()
        seen.add(health.status().state)
    return seen


def test_it_runs_from_its_first_picture(health: Health, clock: Clock) -> None:
    assert health.status().state is State.CONNECTING
    assert health.status().age_s is None
    assert show(health, clock, 1) == {State.RUNNING}
    status = health.status()
    assert (status.cause, status.problem, status.age_s) == (Cause.NONE, "", 0.0)
    assert status.rate == pytest.approx(10.0)


def test_a_stall_is_one_state_with_one_cause(health: Health, clock: Clock) -> None:
    show(health, clock, 20)
    clock.now += 3.5
    told = []
    for _ in range(20):  # it stalls, gives some pictures, stalls
        status = health.status()
        told.append((status.state, status.cause))
        show(health, clock, 2)
        status = health.status()
        told.append((status.state, status.cause))
        clock.now += 6
    assert set(told) == {(State.STALE, Cause.STOPPED_SENDING)}
    assert "no more pictures arrive" in health.status().problem


def test_pictures_that_keep_coming_end_a_loss(health: Health, clock: Clock) -> None:
    show(health, clock, 20)
    health.failed(Cause.REFUSED)
    assert health.status().state is State.STALE
    assert show(health, clock, STEADY_S - 1) == {State.STALE}
    assert health.status().cause is Cause.REFUSED
    show(health, clock, 2)
    assert health.status().state is State.RUNNING
    assert health.status().problem == ""


def test_one_that_gives_a_picture_at_each_attempt_runs_once_only(
    health: Health, clock: Clock
) -> None:
    states = []
    for _ in range(50):
        health.picture()
        states.append(health.status().state)
        health.failed(Cause.STOPPED_SENDING)
        states.append(health.status().state)
        clock.now += 1
    assert states == [State.RUNNING] + [State.STALE] * 99
    assert not health.steady


def test_a_cause_may_change_while_the_state_stays(health: Health, clock: Clock) -> None:
    health.failed(Cause.UNREACHABLE)
    assert (health.status().state, health.status().cause) == (
        State.CONNECTING,
        Cause.UNREACHABLE,
    )
    health.failed(Cause.WRONG_PASSWORD)
    assert health.status().state is State.CONNECTING
    assert "user or password" in health.status().problem


def test_the_rate_is_of_the_last_seconds(health: Health, clock: Clock) -> None:
    show(health, clock, 20, rate=25)
    show(health, clock, 10, rate=2)
    assert health.status().rate == pytest.approx(2.0, rel=0.1)


def test_pauses_grow_are_jittered_and_bounded() -> None:
    backoff = Backoff(0.5, 30.0, random.Random(1))
    pauses = [backoff.pause() for _ in range(20)]
    assert pauses[0] <= 0.5
    assert 20 < pauses[-1] <= 30
    assert len(set(pauses[-8:])) == 8
    backoff.reset()
    assert backoff.pause() <= 0.5


def test_a_neighbour_comes_back_at_another_time() -> None:
    first, second = (Backoff(0.5, 30.0, random.Random(name)) for name in ("door", "back"))
    assert first.pause() != second.pause()


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.NONE])
def test_every_cause_says_what_to_do_and_no_password(cause: Cause) -> None:
    error = SourceError(cause, "rtsp://admin:s3cret@cam-3:554/live?password=s3cret")
    assert "s3cret" not in str(error)
    assert "admin" not in str(error)
    assert "cam-3" in str(error)
    assert str(error).endswith(".")


def test_nothing_wrong_says_nothing() -> None:
    assert describe(Cause.NONE, "0") == ""
