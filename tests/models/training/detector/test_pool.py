"""Scenes rendered by processes while a training looks at them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np

from models.training.detector.pool import MOST_BOXES, Rendered, RenderPool
from tests.waiting import wait_for

_TRAINING = """
import os, time
import numpy as np
from models.training.detector.pool import Rendered, RenderPool

def render(number):
    time.sleep(0.01)
    return Rendered(np.zeros((32, 32, 3), np.uint8), np.zeros((0, 5), np.float32))

pool = RenderPool(render, 4, 32, 2)
print(*(process.pid for process in pool._processes), flush=True)
time.sleep(60)
"""


def numbered(number: int) -> Rendered:
    boxes = np.full((number % (MOST_BOXES + 3), 5), number, np.float32)
    return Rendered(np.full((32, 32, 3), number % 250, np.uint8), boxes)


def test_slots_hold_what_their_stamps_say_and_the_oldest_is_replaced() -> None:
    pool = RenderPool(numbered, 7, 32, 2)  # three for each
    try:
        known, fresh = np.zeros(6, np.int64), set[int]()
        wait_for(lambda: bool((pool.stamps > 6).all()))

        def see_all() -> bool:
            fresh.update(pool.fresh(known).tolist())  # but those that are being written just now
            return fresh == {0, 1, 2, 3, 4, 5}

        wait_for(see_all)
        assert pool.alive
    finally:
        pool.close()
    assert not pool.alive
    assert len(pool.fresh(pool.stamps)) == 0
    for slot in np.flatnonzero(pool.stamps):
        number = int(pool.stamps[slot]) - 1
        assert number % 6 == slot
        assert (pool.images[slot] == number % 250).all()
        count = int(pool.counts[slot])
        assert count == min(number % (MOST_BOXES + 3), MOST_BOXES)
        assert (pool.boxes[slot, :count] == number).all()


def test_processes_end_when_their_training_is_killed() -> None:
    training = subprocess.Popen([sys.executable, "-c", _TRAINING], stdout=subprocess.PIPE)
    assert training.stdout
    workers = [int(word) for word in training.stdout.readline().split()]
    training.send_signal(signal.SIGKILL)
    training.wait()
    training.stdout.close()
    assert len(workers) == 2
    wait_for(lambda: not any(runs(worker) for worker in workers))


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
