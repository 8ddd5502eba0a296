"""The models that a site's settings name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from common.registry import UnknownPluginError
from models.detectors.yolo import YoloDetector
from models.errors import ModelError
from models.manifest import WEIGHTS, DetectorManifest, load_manifest, save_manifest
from models.own import own_models
from models.training.ship import ship
from services.site_models import (
    add_detector,
    load_site_detector,
    models_folder,
    use_detector,
)
from store import Site, open_site


def add_model(site: Site, name: str) -> None:
    """Give a site the shipped detector, of which people and dresses alone are asked for."""
    folder = models_folder(site) / name
    folder.mkdir(parents=True)
    entry = load_manifest().detector
    dress = entry.classes.index("dress")
    chosen = {"classes": ("person", "dress"), "outputs": ((0,), (dress,))}
    shutil.copy(WEIGHTS / entry.file, folder)
    save_manifest(DetectorManifest(detector=entry.model_copy(update=chosen)), folder)


def test_a_model_of_the_site_is_used_and_left_again(site: Site) -> None:
    add_model(site, "mine")
    path = site.folder / "fittingroom.toml"
    before = path.read_text()
    use_detector(site, "mine")
    written = path.read_text()
    assert written == before.replace("\n\n[matching]", '\ndetector = "mine"\n\n[matching]')
    ours = load_site_detector(open_site(site.folder))
    assert ours.classes == ("person", "dress")
    use_detector(open_site(site.folder), "yolo")
    default = load_site_detector(open_site(site.folder))
    assert isinstance(default, YoloDetector)
    assert len(default.classes) == 12


def test_an_unknown_or_broken_model_is_not_used(site: Site) -> None:
    add_model(site, "mine")
    before = (site.folder / "fittingroom.toml").read_text()
    with pytest.raises(UnknownPluginError, match="no detector named 'other'; known: mine, yolo"):
        use_detector(site, "other")
    (models_folder(site) / "mine" / "detector.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="does not match its manifest"):
        use_detector(site, "mine")
    assert (site.folder / "fittingroom.toml").read_text() == before


def test_a_trained_detector_is_added_beside_the_others_and_never_over_one(
    site: Site, tmp_path: Path
) -> None:
    run = shutil.copytree(WEIGHTS, tmp_path / "run")
    before = (site.folder / "fittingroom.toml").read_text()
    add_detector(site, "trained", run)
    assert own_models(models_folder(site), "detector") == ["trained"]
    assert own_models(models_folder(site), "embedder") == []
    assert (site.folder / "fittingroom.toml").read_text() == before  # nothing is replaced
    use_detector(site, "trained")
    assert load_site_detector(open_site(site.folder)).classes == load_manifest().detector.classes
    for name in ("trained", "yolo", "../up"):
        with pytest.raises(ModelError, match="is taken or not of"):
            add_detector(site, name, run)


def test_a_release_takes_the_weights_that_lie_in_a_run(tmp_path: Path) -> None:
    weights = shutil.copytree(WEIGHTS, tmp_path / "weights")
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(WEIGHTS / "manifest.json", run)
    with pytest.raises(ModelError, match="holds no weights"):
        ship(run, weights)
    manifest = load_manifest()
    (run / "parser.onnx").write_bytes(b"other")
    assert manifest.parser is not None
    other = manifest.parser.model_copy(update={"sha256": "0" * 64})
    save_manifest(manifest.model_copy(update={"parser": other}), run)
    assert ship(run, weights) == ["parser"]
    assert load_manifest(weights).parser == other
    assert load_manifest(weights).embedder == manifest.embedder
    assert (weights / "parser.onnx").read_bytes() == b"other"
