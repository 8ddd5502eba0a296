"""`fittingroom model`: list, use, and what `add` refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store import Site
from tests.cli.test_cli import refused, run
from tests.services.test_detectors import add_model


def test_models_are_listed_and_used(site: Site) -> None:
    add_model(site, "mine")
    used = run("model", "use", "mine", "--site", site.folder)
    assert used.returncode == 0, used.stderr
    assert "To go back: fittingroom model use yolo" in used.stderr
    listed = run("model", "list", "--site", site.folder).stdout.splitlines()
    assert [json.loads(line) for line in listed] == [
        {"name": "mine", "of_this_site": True, "used": True},
        {"name": "yolo", "of_this_site": False, "used": False},
    ]
    refused(run("model", "use", "other", "--site", site.folder), "known: mine, yolo")


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
