"""Render views of articles in worker processes, for as long as a training wants them.

Each worker has its share of the articles. It sends their packshots first, then the held-out
queries, then round after round one carried view of every garment, with a snapshot now and
then. PyTorch is not imported here: a worker starts in a second and takes little memory.
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
from models.training.scenes.snapshots import KindExamples, Snapshot

Rng = np.random.Generator

#: Pictures of one message; smaller ones cost more to send than to render.
_CHUNK: Final = 16
#: A snapshot for every so many views.
_VIEWS_PER_SNAPSHOT: Final = 6
#: Messages that wait for the training before the workers have to.
_WAITING: Final = 512
#: What tells NumPy's libraries how many threads to use.
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Material:
    """What is rendered.

    Attributes:
        articles: All of the gallery; a message's rows are positions in it.
        trained: Rows of the articles that training views are rendered of.
        queries: Rows of the held-out garments, one for each query view.
        photos: Photos of people and places behind training views.
        query_photos: The same behind queries; no training view shows them.
        snapshots: Photos of garments for the kinds; may be empty.
        seed: Source of all randomness, with the worker's number.
    """

    articles: Sequence[Article]
    trained: Sequence[int]
    queries: Sequence[int]
    photos: Sequence[Path]
    query_photos: Sequence[Path]
    snapshots: Sequence[Snapshot]
    seed: int


class Rendered(NamedTuple):
    """Pictures of one sort.

    Attributes:
        sort: What they are.
        rows: int64 N, of the articles shown; empty for snapshots.
        images: uint8 N×H×W×3 RGB.
        may: bool N×K, which of `KINDS` each may be; of snapshots alone, else N×0.
    """

    sort: Literal["packshot", "query", "view", "snapshot"]
    rows: NDArray[np.int64]
    images: NDArray[np.uint8]
    may: NDArray[np.bool_]


def _render(material: Material, worker: int, workers: int) -> Iterator[Rendered]:
    """Render a worker's share, without end."""
    rng = np.random.default_rng([material.seed, worker])
    articles = material.articles
    for rows in _chunks(range(worker, len(articles), workers)):
        yield _rendered("packshot", rows, [prepare(packshot(articles[row])) for row in rows])
    shown = _carried(articles, sorted(set(material.queries)), material.query_photos)
    for rows in _chunks(material.queries[worker::workers]):
        images = [prepare(shown.view(articles[row], rng).image) for row in rows]
        yield _rendered("query", rows, images)
    own = [row for row in material.trained[worker::workers] if articles[row].category in GARMENTS]
    if not own:
        return
    # What hides a garment comes from the worker's own share, or each would cut out all articles.
    views = _carried(articles, own, material.photos)
    kinds = KindExamples(material.snapshots)
    while True:
        for rows in _chunks([own[int(n)] for n in rng.permutation(len(own))]):
            images = [prepare(views.view(articles[row], rng).image) for row in rows]
            yield _rendered("view", rows, images)
            shots, may = kinds.draw(max(1, len(rows) // _VIEWS_PER_SNAPSHOT), rng)
            if shots:
                filmed = np.stack([prepare(shot) for shot in shots])
                yield Rendered("snapshot", np.zeros(0, np.int64), filmed, may)


def _carried(
    articles: Sequence[Article], rows: Sequence[int], photos: Sequence[Path]
) -> CarriedViews:
    return CarriedViews([articles[row] for row in rows], photos)


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _rendered(
    sort: Literal["packshot", "query", "view"],
    rows: Sequence[int],
    images: Sequence[NDArray[np.uint8]],
) -> Rendered:
    none = np.zeros((len(rows), 0), bool)
    return Rendered(sort, np.array(rows, np.int64), np.stack(images), none)


def _work(material: Material, worker: int, workers: int, pipe: Connection) -> None:
    cv2.setNumThreads(1)
    try:
        for rendered in _render(material, worker, workers):
            pipe.send(tuple(rendered))
    except (BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return  # the training has ended
    except Exception as error:  # told to the training, which names it
        traceback.print_exc()
        pipe.send(f"{type(error).__name__}: {error}")
    pipe.close()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let processes that are started inside calculate on one core each."""
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
    """A pool of rendering processes; a context manager that ends them."""

    def __init__(self, material: Material, workers: int) -> None:
        """Prepare as many workers; they start when the context is entered."""
        self._material, self._workers = material, workers
        self._waiting: queue.Queue[Rendered | str] = queue.Queue(_WAITING)
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
                given = (self._material, worker, self._workers, theirs)
                process = context.Process(target=_work, args=given, daemon=True)
                process.start()
                theirs.close()
                self._processes.append(process)
                self._pipes.append(ours)
        threading.Thread(target=self._receive, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self._ended.set()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()

    def _receive(self) -> None:
        """Pass on what arrives until all workers are done; runs in a thread of its own."""
        pipes = list(self._pipes)
        while pipes and not self._ended.is_set():
            here = wait(pipes, timeout=1.0)
            for pipe in [pipe for pipe in pipes if pipe in here]:
                try:
                    message = pipe.recv()
                except (EOFError, OSError):
                    pipes.remove(pipe)
                    continue
                self._pass_on(message if isinstance(message, str) else Rendered(*message))
        if not self._ended.is_set():
            self._pass_on("all workers have ended")

    def _pass_on(self, message: Rendered | str) -> None:
        while not self._ended.is_set():
            try:
                self._waiting.put(message, timeout=1.0)
                return
            except queue.Full:
                continue

    def arrived(self, patience: float = 0.0) -> list[Rendered]:
        """Return what has been rendered since the last call.

        Args:
            patience: Seconds to wait where nothing has.

        Raises:
            ModelError: A worker has failed.
        """
        found: list[Rendered] = []
        while True:
            try:
                wait_for = patience if not found else 0.0
                message = self._waiting.get(wait_for > 0, wait_for or None)
            except queue.Empty:
                return found
            if isinstance(message, str):
                raise ModelError(f"Rendering views broke off: {message}.")
            found.append(message)
