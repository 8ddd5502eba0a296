from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.simulation.cutout import read_image
from models.training.data import load_articles
from models.training.films.generate import (
    choose_films,
    film_wardrobe,
    make_films,
    render,
    write_articles,
)


def test_the_wardrobe_follows_from_the_seed() -> None:
    one, again, other = (film_wardrobe(seed, 1)[0] for seed in (0, 0, 1))
    assert one.sku == again.sku == "film-0-0"
    assert np.array_equal(one.image, again.image)
    assert other.image.shape != one.image.shape or not np.array_equal(other.image, one.image)


def test_garments_become_the_articles_of_a_data_folder(tmp_path: Path) -> None:
    garments = film_wardrobe(0, 2)
    write_articles(tmp_path, garments)
    articles = load_articles(tmp_path)
    assert [a.sku for a in articles] == ["film-0-0", "film-0-1"]
    assert [a.category for a in articles] == [g.category for g in garments]
    assert read_image(articles[0].image).shape == (320, 240, 3)


def test_films_are_chosen_by_name() -> None:
    garments = film_wardrobe(0, 3)
    assert [f.name for f in choose_films(0, garments, ["crowd-2"])] == ["crowd-2"]
    with pytest.raises(ModelError, match="ballet: no such film; there are one_garment-1, "):
        choose_films(0, garments, ["ballet"])


def test_a_renderer_without_bpy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"rendering failed: bpy is missing: see docs"):
        render(tmp_path, sys.executable, print)
    with pytest.raises(ModelError, match=r"no-python: cannot be run"):
        render(tmp_path, str(tmp_path / "no-python"), print)


def test_a_stopped_call_stops_the_renderer(tmp_path: Path) -> None:
    script, done = tmp_path / "python", tmp_path / "done"
    script.write_text(f"#!/bin/sh\necho frame 0 1.00 s\nsleep 3\ntouch {done}\n")
    script.chmod(0o755)

    def stop(line: str) -> None:
        assert line == f"{tmp_path.name}: frame 0 1.00 s"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(tmp_path, str(script), stop)
    assert not done.exists()


def test_missing_files_of_makehuman_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"base\.obj: cannot be read"):
        make_films(tmp_path, tmp_path / "out", tmp_path / "work", only=["nothing-1"])
