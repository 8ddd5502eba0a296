"""A small data folder to train on."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment, packshot_of
from tests.conftest import noise

#: Garments that are drawn; the rest are the same in other colours, since drawing takes long.
_DRAWN = 8


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in the documented layout: 40 articles, 24 "people" of noise; only read it."""
    root = tmp_path_factory.mktemp("data")
    images = root / "data" / "articles" / "images"
    people = root / "data" / "people"
    images.mkdir(parents=True)
    people.mkdir()
    rng = np.random.default_rng(0)
    designs = [random_design(rng) for _ in range(_DRAWN)]
    shots = [packshot_of(draw_garment(design), 120, 160) for design in designs]
    orders = list(permutations(range(3)))
    with (images.parent / "articles.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "style", "type", "image"])
        for number in range(40):
            shot = shots[number % _DRAWN][..., orders[number // _DRAWN]]
            cv2.imwrite(str(images / f"{number}.jpg"), np.ascontiguousarray(shot))
            category = designs[number % _DRAWN].category
            writer.writerow([f"A{number}", f"S{number}", category, f"{number}.jpg"])
    for number in range(24):
        mask = np.zeros((160, 80), np.uint8)
        mask[10:150, 25:55] = 1
        cv2.imwrite(str(people / f"{number}.jpg"), noise(160, 80, number))
        cv2.imwrite(str(people / f"{number}.png"), mask)
    (root / "data" / "people_labels.json").write_text('["null", "dress"]')
    photos = root / "data" / "garments"
    photos.mkdir()
    lines = ["file,label,sender"]
    for number in range(24):
        grey = np.full((60, 80, 3), 10 * number, np.uint8)
        cv2.imwrite(str(photos / f"{number}.png"), grey)
        lines.append(f"{number}.png,Dress,{number}")  # 18 is held out
    (root / "data" / "garments.csv").write_text("\n".join(lines))
    return root
