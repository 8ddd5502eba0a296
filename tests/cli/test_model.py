"""`fittingroom model`: list, use, and what `add` refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.manifest import WEIGHTS
from store import Site
from tests.cli.test_cli import refused, run
from tests.services.test_site_models import add_model


def test_models_are_listed_and_used(site: Site) -> None:
    add_model(site, "mine")
    used = run("model", "use", "mine", "--site", site.folder)
    assert used.returncode == 0, used.stderr
    assert "To go back: fittingroom model use yolo" in used.stderr
    listed = run("model", "list", "--site", site.folder).stdout.splitlines()
    assert [json.loads(line) for line in listed] == [
        {"name": "mine", "kind": "detector", "of_this_site": True, "used": True},
        {"name": "yolo", "kind": "detector", "of_this_site": False, "used": False},
        {"name": "mobilenet", "kind": "embedder", "of_this_site": False, "used": True},
    ]
    refused(run("model", "use", "other", "--site", site.folder), "known: mine, yolo, mobilenet")


def test_an_embedder_is_added_and_used(shop: Site, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the training extra is not installed")
    from tests.models.tiny_embedder import write_embedder

    words = ("--kind", "embedder", "--name", "own", "--site", shop.folder)
    added = run("model", "add", write_embedder(tmp_path / "new"), *words)
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["dimensions"] == 8
    used = run("model", "use", "own", "--site", shop.folder)
    assert used.returncode == 0, used.stderr
    assert "To go back: fittingroom model use mobilenet" in used.stderr
    back = run("model", "use", "mobilenet", "--site", shop.folder)
    assert "0 pictures embedded." in back.stderr
    refused(run("model", "add", tmp_path / "no.onnx", *words), "'own' is taken")


def test_the_detector_of_a_training_needs_no_extra(site: Site) -> None:
    added = run("model", "add", WEIGHTS, "--name", "trained", "--site", site.folder)
    assert added.returncode == 0, added.stderr
    assert (site.folder / "models" / "trained" / "detector.onnx").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--name", "yolo"), "'yolo' is taken"),
        (("--name", "../x"), "is taken or not of a-z"),
        (("--name", "mine", "--long-side", "500"), "no multiple of 32"),
        (("--name", "mine", "--class", "tshirt"), "is not THEIRS=OURS"),
        (("--name", "mine"), "none.pt: cannot be read"),
    ],
)
def test_what_is_wrong_with_a_model_is_said(
    site: Site, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    pytest.importorskip("torch", reason="the training extra is not installed")
    refused(run("model", "add", tmp_path / "none.pt", *words, "--site", site.folder), message)
    assert not (site.folder / "models" / "mine").exists()
