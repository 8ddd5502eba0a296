"""The reference is complete: events, and places in the code that pages name."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from calibration import parse_camera
from store import journal
from tests.docs.blocks import ROOT

PACKAGES = ("cli", "services", "store", "vision", "web")
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def written_kinds() -> Iterator[str]:
    """Yield the kinds of event that the code appends to the journal; a computed end is left out."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name("journal"), attr="append"),
                        args=[_, _, kind, *_],
                    ):
                        first = kind.values[0] if isinstance(kind, ast.JoinedStr) else kind
                        if isinstance(first, ast.Constant):
                            yield str(first.value)
                        else:  # a name that the journal defines
                            yield str(getattr(journal, ast.unparse(first)))


def test_every_kind_of_event_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    kinds = set(written_kinds())
    assert {"crossing", "request.open", "request.", "camera.state"} <= kinds
    assert {kind for kind in kinds if f"`{kind}" not in page} == set()


@pytest.mark.parametrize("text", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_places_in_the_code_that_a_page_names_are_there(text: Path) -> None:
    written = text.read_text(encoding="utf-8")
    tops = {entry.name for entry in ROOT.iterdir() if entry.is_dir()} - {"build"}
    for name in re.findall(r"`([a-z][\w./-]*/[\w./-]*)`", written):
        if name.split("/")[0] in tops and not re.search("[A-Z]{3}", name):
            assert (ROOT / name).exists(), name
    for name in re.findall(r"`(\w+\.py)`", written):
        places = (path for top in tops for path in (ROOT / top).rglob(name))
        assert next(places, None), name


def test_the_file_of_a_camera_is_one() -> None:
    page = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    camera = parse_camera(tomllib.loads(example), "the page")
    assert camera.gates[0].rooms == ("1",)
    assert len(camera.masks) == 1
