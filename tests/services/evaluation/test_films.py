"""Films with their truth: a drawn one, and the real one where it is at hand."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from common.gallery import Gallery
from models.detectors.yolo import YoloDetector
from models.embedders.mobilenet import MobileNetEmbedder
from models.errors import ModelError
from models.simulation.figure import random_look
from models.training.data import load_articles
from models.training.scenes.clips import write_clip
from models.training.scenes.designs import random_design
from models.training.scenes.drawn import draw_garment
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.situations import Cast, one_garment
from models.training.scenes.walks import truth_of
from services.bench import read_clip
from services.evaluation.films import measure_films
from services.evaluation.job import Job, Mistake
from vision.bench import frame_rate
from vision.match import Matcher
from vision.replay import run_pipeline
from vision.score import score_clip

#: Rendered films with the articles in them, see docs/how-to/training.md.
FILMS = Path(__file__).resolve().parents[2] / "films"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed"),
]


def matcher_of(skus: tuple[str, ...]) -> Matcher:
    embedder = MobileNetEmbedder(threads=2)
    vectors = np.random.default_rng(0).standard_normal((len(skus), embedder.dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Matcher(embedder, Gallery(vectors.astype(np.float32), skus, ("top",) * len(skus)))


def job(data: Path, out: Path) -> Job:
    return Job(data, out, 1, 10, 1, lambda items, _total, _what: items)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a film in it, to be copied."""
    folder = tmp_path_factory.mktemp("filmed")
    cast = Cast(random_look, lambda rng: draw_garment(random_design(rng), "drawn"))
    situation = one_garment(cast, np.random.default_rng(8))
    clips = folder / "clips"
    clips.mkdir()
    write_clip(clips / "a.mp4", draw_entrance(), situation.walks, situation.seconds, 1)
    (clips / "a.truth.json").write_text(json.dumps(truth_of(situation.walks)))
    return folder


@pytest.fixture
def drawn(filmed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filmed, tmp_path / "drawn")


def test_a_film_is_watched_as_it_is(drawn: Path) -> None:
    report = measure_films(job(drawn, drawn), matcher_of(("drawn", "other")), [])
    assert report["films"] == 1
    assert report["as_filmed"]["event_recall"] == 1
    assert report["as_filmed"]["garments"] == 1
    assert report["by_film"] == {"a": report["as_filmed"]}
    for told in report["other_garments"].values():
        assert told["events"] == 0  # nobody's hands are empty
    assert report["boxes"] == {}


def test_boxes_that_are_none_are_named(drawn: Path) -> None:
    path = drawn / "clips" / "a.truth.json"
    truth = json.loads(path.read_text()) | {"boxes": [{"frame": 1, "sku": "drawn", "box": [1, 2]}]}
    path.write_text(json.dumps(truth))
    with pytest.raises(ModelError, match=r"a\.truth\.json: not the truth of a clip"):
        measure_films(job(drawn, drawn), matcher_of(("drawn",)), [])


@pytest.mark.parametrize("path", sorted(FILMS.glob("clips/*.mp4")), ids=lambda path: path.stem)
def test_crossings_of_rendered_people_who_walk_are_found(path: Path) -> None:
    clip = read_clip(path)
    assert clip.truth is not None
    skus = tuple(article.sku for article in load_articles(FILMS))
    assert {g["sku"] for event in clip.truth for g in event["garments"]} <= {*skus}
    rate = frame_rate(clip.frames)
    found = run_pipeline(clip.frames, clip.camera, YoloDetector(), matcher_of(skus), rate)
    score = score_clip(list(found), clip.truth)
    assert score.found == score.reported == score.events
    assert all(abs(error) < 0.5 for error in score.time_errors_s)


@pytest.mark.slow
@pytest.mark.shared
def test_empty_hands_are_filled(shared: Path, tmp_path: Path) -> None:
    mistakes: list[Mistake] = []
    report = measure_films(job(shared, tmp_path), matcher_of(("one", "two")), mistakes)
    assert report["as_filmed"]["event_recall"] == 1
    assert report["boxes"]["entrance-a"]["ap50_any_category"] > 0.8
    assert set(report["other_garments"]) == {"stiff", "in folds"}
    for told in report["other_garments"].values():
        assert told["events"] == told["event_recall"] == 1
        assert told["garments"] == told["garment_recall"] == 1
    assert len(mistakes) == 2  # the shop has none of these articles
    assert all(mistake.image.shape == (432, 768, 3) for mistake in mistakes)
