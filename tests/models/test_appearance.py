from __future__ import annotations

import threading

import numpy as np
import pytest

from models.appearance import VIEWS, Shot, appearances, embed_articles
from models.embedders.mobilenet import MobileNetEmbedder
from models.embedders.registry import open_shared_embedder
from models.engine import Engine
from models.simulation.fabric import Fabric
from models.simulation.rooms import draw_room
from models.simulation.views import carried
from models.training.scenes.drawn import draw_garment, packshot_of
from models.training.scenes.sheet import Design

DESIGNS = (
    Design("top", Fabric("stripes", (200, 60, 40), (240, 240, 240)), 0, 1),
    Design("jacket", Fabric("plain", (60, 90, 160)), 0, 2),
    Design("skirt", Fabric("dots", (90, 40, 120), (240, 240, 240)), 2, 3),
)


@pytest.fixture(scope="module")
def shots() -> list[Shot]:
    return [
        Shot(packshot_of(draw_garment(design, "x"), 240, 320), design.category)
        for design in DESIGNS
    ]


def test_a_garment_is_shown_as_it_is_carried_the_same_each_time(shots: list[Shot]) -> None:
    first, again = appearances(shots[0]), appearances(shots[0])
    assert len(first) == 1 + VIEWS
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    sizes = {image.shape for image in first}
    assert len(sizes) > VIEWS / 2  # no two are carried alike


@pytest.mark.parametrize(
    ("image", "category"),
    [(None, "shoes"), (np.full((200, 150, 3), 250, np.uint8), "top")],
)
def test_what_nobody_carries_or_does_not_stand_out_is_shown_as_it_is(
    shots: list[Shot], image: np.ndarray | None, category: str
) -> None:
    given = shots[0].image if image is None else image
    assert len(appearances(Shot(given, category))) == 1


@pytest.mark.integration
def test_a_carried_garment_is_nearer_to_an_article_that_was_seen_carried(
    shots: list[Shot],
) -> None:
    embedder, rng = MobileNetEmbedder(), np.random.default_rng(5)
    seen = np.stack([one.embedding for one in embed_articles(embedder, shots)])
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)
    flat = embedder.embed([appearances(shot)[0] for shot in shots]).embeddings
    room = draw_room(300, 300, rng)
    for number, design in enumerate(DESIGNS):
        garment = draw_garment(design, "x")
        views = embedder.embed([carried(garment, room, rng).image for _ in range(12)]).embeddings
        assert (views @ seen[number]).mean() > (views @ flat[number]).mean() + 0.03


def test_backgrounds_are_drawn_where_a_signal_interrupts(
    shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, room = [], draw_room(256, 256, np.random.default_rng(1))

    def draw() -> tuple[np.ndarray, ...]:
        threads.append(threading.current_thread())
        return (room,) * 32

    monkeypatch.setattr("models.appearance._backgrounds", draw)
    assert len(list(embed_articles(MobileNetEmbedder(), shots))) == len(shots)
    assert threads[0] is threading.main_thread()


def test_several_at_a_time_are_embedded_as_one_after_the_other(shots: list[Shot]) -> None:
    alone = [one.embedding for one in embed_articles(MobileNetEmbedder(), shots)]
    together = [one.embedding for one in embed_articles(open_shared_embedder(count=2), shots * 3)]
    assert np.allclose(together, alone * 3, atol=1e-5)


def test_memory_is_bounded_by_the_few_shapes_that_the_engine_sees(
    shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine keeps memory for every shape: 1.6 GB were seen when each batch had another."""
    shapes, real = set[tuple[int, ...]](), Engine.run

    def run(engine: Engine, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        shapes.update(value.shape for value in given.values())
        return real(engine, given)

    monkeypatch.setattr(Engine, "run", run)
    embedder = MobileNetEmbedder(threads=1)
    image = np.full((40, 30, 3), 90, np.uint8)
    for count in (1, 5, 17, 30, 49):
        assert embedder.embed([image] * count).embeddings.shape == (count, embedder.dimensions)
    assert max(shape[0] for shape in shapes) <= 8


def test_articles_are_read_only_a_few_ahead(shots: list[Shot]) -> None:
    read = list[int]()

    def source() -> object:
        for number in range(1000):
            read.append(number)
            yield Shot(shots[0].image, "shoes")  # one crop alone: quick

    found = embed_articles(open_shared_embedder(count=2), source())  # type: ignore[arg-type]
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert len(read) < 200
