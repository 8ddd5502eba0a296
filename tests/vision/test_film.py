from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from calibration import Camera, parse_camera
from tests.conftest import noise
from vision.errors import VisionError
from vision.film import Film, FilmWriter, films, purge_films
from vision.frame import Frame

CAMERA: Camera = parse_camera({"name": "door", "source": "0"}, "test").confirm_masks(
    "Anna", "x", 96, 72
)
FILM = Film("door", "Anna, Tom: may film our walk test", "Anna", 1000.0, 1000.0 + 24 * 3600)


def write(site: Path, film: Film = FILM) -> Path:
    with FilmWriter(site, CAMERA, 10.0, film) as writer:
        for n in range(5):
            writer.write(Frame("door", n / 10, noise(72, 96)))
    return writer.path


def test_a_film_deletes_itself_with_its_record(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert cv2.VideoCapture(str(path)).read()[0]
    assert list(films(tmp_path)) == [(path, FILM)]
    assert purge_films(tmp_path, FILM.expires - 1) == 0
    assert purge_films(tmp_path, FILM.expires) == 1
    assert list(path.parent.iterdir()) == []


def test_a_film_whose_record_is_gone_or_broken_goes_too(tmp_path: Path) -> None:
    path = write(tmp_path)
    record = path.with_suffix(".film.json")
    record.write_text(json.dumps({"camera": "door"}))
    assert purge_films(tmp_path, 1001.0) == 1
    path = write(tmp_path)
    record.unlink()
    assert purge_films(tmp_path, 1001.0) == 1


@pytest.mark.parametrize(
    ("camera", "film", "complaint"),
    [
        (CAMERA, replace(FILM, consent=" "), "--consent"),
        (CAMERA, replace(FILM, by=""), "--consent"),
        (CAMERA, replace(FILM, expires=FILM.started + 73 * 3600), "72 hours"),
        (parse_camera({"name": "door", "source": "0"}, "test"), FILM, "masks are confirmed"),
    ],
)
def test_no_film_without_consent_masks_and_an_end(
    tmp_path: Path, camera: Camera, film: Film, complaint: str
) -> None:
    with pytest.raises(VisionError, match=complaint):
        FilmWriter(tmp_path, camera, 10.0, film)
    assert list(tmp_path.rglob("*")) == []
