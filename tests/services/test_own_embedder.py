"""An embedder of a site's own: what is added, what is refused, and a shop that uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the training extra is not installed")

from common.registry import UnknownPluginError
from models.embedders.registry import open_embedder
from models.errors import ModelError
from models.manifest import WEIGHTS, load_manifest
from models.own import own_models
from services.catalogue.indexing import index
from services.own_embedder import add_embedder
from services.site_models import load_site_embedder, models_folder, use_embedder
from services.watching.watcher import build_matcher
from store import Site, StoreError, open_site
from store.catalogue import load_gallery, require_vectors
from tests.models.tiny_embedder import CATEGORIES, CELLS, DIMENSIONS, write_embedder


def written(site: Site) -> str:
    return (site.folder / "fittingroom.toml").read_text()


@pytest.mark.parametrize("local", [True, False])
def test_a_shop_uses_its_own_embedder_and_goes_back(
    shop: Site, tmp_path: Path, local: bool
) -> None:
    before = written(shop)
    add_embedder(shop, "mine", write_embedder(tmp_path / "new", local=local))
    assert written(shop) == before  # nothing is replaced
    use_embedder(shop, "mine", lambda name: index(shop, 0.0, embedder=name))
    using = open_site(shop.folder)
    embedder = load_site_embedder(using)
    assert (embedder.dimensions, embedder.categories) == (DIMENSIONS, CATEGORIES)
    assert embedder.local_shape == ((CELLS, 3) if local else (0, 0))
    crop = np.random.default_rng(0).integers(0, 255, (90, 60, 3), np.uint8)
    match = build_matcher(using).match_image(crop)
    assert match.nearest
    assert match.views is not None
    assert match.views.model == embedder.model
    with using.store.read() as session:
        gallery = load_gallery(session, embedder.model, embedder.local_shape)
        assert gallery.embeddings.shape[1] == DIMENSIONS
        require_vectors(session, load_manifest().embedder.model)  # the stylist's are there too
    use_embedder(using, "mobilenet", lambda name: index(using, 0.0, embedder=name))
    assert build_matcher(open_site(shop.folder)).model == load_manifest().embedder.model


def test_the_folder_of_a_training_is_added(site: Site) -> None:
    add_embedder(site, "trained", WEIGHTS)
    ours = open_embedder("trained", own=models_folder(site))
    assert ours.model == load_manifest().embedder.model
    assert own_models(models_folder(site), "embedder") == ["trained"]
    assert own_models(models_folder(site), "detector") == []
    with pytest.raises(UnknownPluginError, match="no embedder named 'other'; known: trained, mobi"):
        open_embedder("other", own=models_folder(site))


def test_new_articles_are_embedded_for_the_stylist_too(shop: Site, tmp_path: Path) -> None:
    from sqlalchemy import delete

    from store.schema import Vector

    add_embedder(shop, "mine", write_embedder(tmp_path / "new"))
    use_embedder(shop, "mine", lambda name: index(shop, 0.0, embedder=name))
    with shop.store.write() as session:
        session.execute(delete(Vector))
    index(open_site(shop.folder), 1.0)
    with shop.store.read() as session:
        require_vectors(session, load_manifest().embedder.model)


def test_a_gallery_of_another_embedder_is_one_clear_error(shop: Site, tmp_path: Path) -> None:
    add_embedder(shop, "mine", write_embedder(tmp_path / "new"))
    path = shop.folder / "fittingroom.toml"
    path.write_text(path.read_text().replace("[vision]", '[vision]\nembedder = "mine"'))
    with pytest.raises(StoreError, match=r"not embedded by these weights.*catalogue index"):
        build_matcher(open_site(shop.folder))


@pytest.mark.parametrize(
    ("written_as", "message"),
    [
        ({"dimensions": 16}, "has outputs of shape 8, 3, 4×3, its manifest expects 16, 3, 4×3"),
        ({"local": False, "local_features": [4, 3]}, "its manifest expects 8, 3, 4×3"),
        ({"normalised": False}, "not 1: export the network with L2 normalisation"),
        ({"categories": ["top", "gown", "skirt"]}, "'gown' is no category; they are: top"),
        ({"sha256": "0" * 64}, "does not match its manifest"),
        ({"calibration": {}}, "embedder.calibration.weights: Field required"),
        ({"input": [16, 0]}, "embedder.input.1: Input should be greater than 0"),
        ({"input": [32, 12]}, "does not run on two crops at once"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_added(
    site: Site, tmp_path: Path, written_as: dict[str, Any], message: str
) -> None:
    weights = write_embedder(tmp_path / "new", **written_as)
    with pytest.raises(ModelError) as raised:
        add_embedder(site, "mine", weights)
    assert message in str(raised.value)
    assert not list((site.folder / "models").glob("*"))


def test_a_missing_or_broken_manifest_is_said(site: Site, tmp_path: Path) -> None:
    weights = write_embedder(tmp_path / "new")
    manifest = weights.with_suffix(".json")
    for text, message in (
        ("{", "is not JSON"),
        (json.dumps({"detector": {}}), "'embedder' is missing"),
        (None, "manifest beside it"),
    ):
        manifest.unlink() if text is None else manifest.write_text(text)
        with pytest.raises(ModelError, match=message):
            add_embedder(site, "mine", weights)
    with pytest.raises(ModelError, match="'mobilenet' is taken"):
        add_embedder(site, "mobilenet", weights)
