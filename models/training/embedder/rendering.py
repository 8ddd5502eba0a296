"""Render views of articles in worker processes for the duration of a training.

Each worker has a share of the articles. It sends their packshots first, then the validation
queries, then endlessly one carried view of every garment, with a snapshot now and then.
PyTorch is not imported here: a worker starts in a second and takes little memory.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, Literal, NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.taxonomy import GARMENTS
from models.training.data import Article
from models.training.embedder.views import CarriedViews, packshot, prepare
from models.training.scenes.snapshots import LabelledSnapshots, Snapshot

Rng = np.random.Generator

#: Pictures per message; smaller ones cost more to send than to render.
_CHUNK: Final = 16
#: Views per snapshot.
_VIEWS_PER_SNAPSHOT: Final = 6
#: Messages in the queue before the workers block.
_QUEUE_SIZE: Final = 512
#: Environment variables that set the thread counts of NumPy's libraries.
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class RenderPlan:
    """What to render.

    Attributes:
        articles: All of the gallery; the rows of a message are indices into it.
        train_rows: Rows of the articles of the training split.
        query_rows: Rows of the validation garments, one for each query view.
        backgrounds: Photos of people and places behind training views.
        query_backgrounds: The same behind queries; none is behind a training view.
        snapshots: Photos of garments with category labels; may be empty.
        seed: Source of all randomness, with the worker's number.
    """

    articles: Sequence[Article]
    train_rows: Sequence[int]
    query_rows: Sequence[int]
    backgrounds: Sequence[Path]
    query_backgrounds: Sequence[Path]
    snapshots: Sequence[Snapshot]
    seed: int


class RenderedImages(NamedTuple):
    """Rendered pictures of one role.

    Attributes:
        role: What they are used for.
        rows: int64 N, of the articles; empty for snapshots.
        images: uint8 N×H×W×3 RGB.
        label_mask: bool N×K, the `EMBEDDER_CATEGORIES` that each snapshot may belong to;
            N×0 otherwise.
    """

    role: Literal["packshot", "query", "view", "snapshot"]
    rows: NDArray[np.int64]
    images: NDArray[np.uint8]
    label_mask: NDArray[np.bool_]


def _render(plan: RenderPlan, worker: int, workers: int) -> Iterator[RenderedImages]:
    """Render a worker's share endlessly."""
    rng = np.random.default_rng([plan.seed, worker])
    articles = plan.articles
    for rows in _chunks(range(worker, len(articles), workers)):
        yield _message("packshot", rows, [prepare(packshot(articles[row])) for row in rows])
    queries = _carried_views(articles, sorted(set(plan.query_rows)), plan.query_backgrounds)
    for rows in _chunks(plan.query_rows[worker::workers]):
        images = [prepare(queries.view(articles[row], rng).image) for row in rows]
        yield _message("query", rows, images)
    own = [row for row in plan.train_rows[worker::workers] if articles[row].category in GARMENTS]
    if not own:
        return
    # Occluding garments come from the worker's own share, or each would cut out all articles.
    views = _carried_views(articles, own, plan.backgrounds)
    labelled = LabelledSnapshots(plan.snapshots)
    while True:
        for rows in _chunks([own[int(n)] for n in rng.permutation(len(own))]):
            images = [prepare(views.view(articles[row], rng).image) for row in rows]
            yield _message("view", rows, images)
            photos, label_mask = labelled.draw(max(1, len(rows) // _VIEWS_PER_SNAPSHOT), rng)
            if photos:
                crops = np.stack([prepare(photo) for photo in photos])
                yield RenderedImages("snapshot", np.zeros(0, np.int64), crops, label_mask)


def _carried_views(
    articles: Sequence[Article], rows: Sequence[int], photos: Sequence[Path]
) -> CarriedViews:
    return CarriedViews([articles[row] for row in rows], photos)


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _message(
    role: Literal["packshot", "query", "view"],
    rows: Sequence[int],
    images: Sequence[NDArray[np.uint8]],
) -> RenderedImages:
    none = np.zeros((len(rows), 0), bool)
    return RenderedImages(role, np.array(rows, np.int64), np.stack(images), none)


def _run_worker(plan: RenderPlan, worker: int, workers: int, pipe: Connection) -> None:
    cv2.setNumThreads(1)
    try:
        for rendered in _render(plan, worker, workers):
            pipe.send(tuple(rendered))
    except (BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return  # the training has ended
    except Exception as error:  # reported by the training process
        traceback.print_exc()
        pipe.send(f"{type(error).__name__}: {error}")
    pipe.close()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Limit processes started in this context to one thread each."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Renderer:
    """A pool of rendering processes; a context manager that stops them."""

    def __init__(self, plan: RenderPlan, workers: int) -> None:
        """Prepare the workers; they start when the context is entered."""
        self._plan, self._workers = plan, workers
        self._queue: queue.Queue[RenderedImages | str] = queue.Queue(_QUEUE_SIZE)
        self._processes: list[BaseProcess] = []
        self._pipes: list[Connection] = []
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        """Start the workers."""
        # Spawned, not forked: OpenCV's thread pool and CUDA do not survive a fork.
        context = multiprocessing.get_context("spawn")
        with _single_threaded():
            for worker in range(self._workers):
                ours, theirs = context.Pipe(duplex=False)
                given = (self._plan, worker, self._workers, theirs)
                process = context.Process(target=_run_worker, args=given, daemon=True)
                process.start()
                theirs.close()
                self._processes.append(process)
                self._pipes.append(ours)
        threading.Thread(target=self._receive, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the workers."""
        self._ended.set()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()

    def _receive(self) -> None:
        """Put received messages into the queue; runs in a thread of its own."""
        pipes = list(self._pipes)
        while pipes and not self._ended.is_set():
            here = wait(pipes, timeout=1.0)
            for pipe in [pipe for pipe in pipes if pipe in here]:
                try:
                    message = pipe.recv()
                except (EOFError, OSError):
                    pipes.remove(pipe)
                    continue
                self._pass_on(message if isinstance(message, str) else RenderedImages(*message))
        if not self._ended.is_set():
            self._pass_on("all workers have ended")

    def _pass_on(self, message: RenderedImages | str) -> None:
        while not self._ended.is_set():
            try:
                self._queue.put(message, timeout=1.0)
                return
            except queue.Full:
                continue

    def receive(self, timeout: float = 0.0) -> list[RenderedImages]:
        """Return the pictures rendered since the last call.

        Args:
            timeout: Seconds to wait if there are none.

        Raises:
            ModelError: A worker has failed.
        """
        received: list[RenderedImages] = []
        while True:
            try:
                wait_for = timeout if not received else 0.0
                message = self._queue.get(wait_for > 0, wait_for or None)
            except queue.Empty:
                return received
            if isinstance(message, str):
                raise ModelError(f"Rendering views failed: {message}.")
            received.append(message)
