"""The detector that a site's settings name."""

from __future__ import annotations

import shutil

import pytest

from common.registry import UnknownPluginError
from models.detectors.yolo import YoloDetector
from models.errors import ModelError
from models.manifest import WEIGHTS, DetectorManifest, load_manifest, save_manifest
from services.detectors import load_site_detector, models_folder, use_detector
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
