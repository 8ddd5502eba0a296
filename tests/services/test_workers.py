"""Threads that are looked after."""

from __future__ import annotations

import logging
import threading

import pytest

from services.workers import Worker
from tests.waiting import wait_for


def test_an_error_that_nobody_expected_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    turns = []

    def step() -> None:
        turns.append(1)
        if len(turns) == 1:
            raise ZeroDivisionError("typo")

    worker = Worker("bus", step, 0.01)
    with caplog.at_level(logging.ERROR):
        worker.start()
        wait_for(lambda: len(turns) > 2)
    assert "ZeroDivisionError" in caplog.text
    assert worker.state.alive
    assert worker.state.error == ""
    assert worker.state.restarts == 1
    worker.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_replaced() -> None:
    turns = []

    def step() -> None:
        turns.append(threading.current_thread())
        if len(turns) == 1:
            raise SystemExit

    worker = Worker("bus", step, 0.01)
    worker.start()
    wait_for(lambda: not worker.state.alive)
    worker.revive()
    wait_for(lambda: len(turns) > 1)
    assert turns[0] is not turns[1]
    worker.stop()


def test_a_thread_that_hangs_is_seen_and_replaced() -> None:
    now, hang, turns = [0.0], threading.Event(), []

    def step() -> None:
        turns.append(threading.current_thread())
        if len(turns) == 1:
            hang.wait(60)

    worker = Worker("bus", step, 0.01, limit_s=5.0, monotonic=lambda: now[0])
    worker.start()
    wait_for(lambda: turns)
    assert worker.state.alive
    now[0] = 6.0
    assert not worker.state.alive
    worker.revive()
    wait_for(lambda: len(turns) > 2)
    hang.set()
    wait_for(lambda: not turns[0].is_alive())
    assert worker.state.alive
    worker.stop()
