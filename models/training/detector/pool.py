"""A pool of processes that render pictures into shared memory during a training."""

from __future__ import annotations

import mmap
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from common.image import Image

Number = TypeVar("Number", bound=np.generic)

#: Maximum boxes of a picture; further ones are dropped.
MOST_BOXES: Final = 24


@dataclass(frozen=True)
class Rendered:
    """A picture with its boxes.

    Attributes:
        image: uint8 S×S×3 BGR.
        boxes: float32 M×5: class, left, top, right, bottom in pixels.
    """

    image: Image
    boxes: NDArray[np.float32]


class RenderPool:
    """Renders into a ring buffer in shared memory.

    The processes are forked and share loaded data: create the pool before a GPU is opened.
    """

    def __init__(
        self, render: Callable[[int], Rendered], slots: int, size: int, workers: int
    ) -> None:
        """Start rendering.

        Args:
            render: Makes the picture of a number.
            slots: How many pictures are held at once; rounded so that each slot is written by
                one process.
            size: Their side in pixels.
            workers: Processes.
        """
        slots = max(slots // workers, 1) * workers
        self.images = _shared((slots, size, size, 3), np.uint8)
        self.boxes = _shared((slots, MOST_BOXES, 5), np.float32)
        self.counts = _shared((slots,), np.int64)
        #: Number of the picture in each slot plus one; 0 while it is empty or being written.
        self.stamps = _shared((slots,), np.int64)
        context = multiprocessing.get_context("fork")
        self._processes = [
            context.Process(target=self._work, args=(render, n, workers, os.getpid()), daemon=True)
            for n in range(workers)
        ]
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)  # OpenCV's own would not survive a fork: a worker waited for them
        for process in self._processes:
            process.start()
        cv2.setNumThreads(threads)

    def _work(self, render: Callable[[int], Rendered], first: int, step: int, parent: int) -> None:
        number = first
        while os.getppid() == parent:  # a killed training closes no pool
            made = render(number)
            slot = number % len(self.stamps)
            self.stamps[slot] = 0
            kept = made.boxes[:MOST_BOXES]
            self.images[slot] = made.image
            self.boxes[slot, : len(kept)] = kept
            self.counts[slot] = len(kept)
            self.stamps[slot] = number + 1
            number += step

    def fresh(self, known: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the slots whose picture has changed since the stamps in `known`."""
        stamps = self.stamps.copy()
        return np.flatnonzero((stamps != known) & (stamps > 0))

    @property
    def alive(self) -> bool:
        """Whether all processes still work."""
        return all(process.is_alive() for process in self._processes)

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()


def _shared(shape: tuple[int, ...], kind: type[Number]) -> NDArray[Number]:
    """Allocate an array in memory that is shared with forked processes."""
    memory = mmap.mmap(-1, int(np.prod(shape)) * np.dtype(kind).itemsize)
    return np.frombuffer(memory, kind).reshape(shape)
