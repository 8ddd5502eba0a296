"""The documentation site: generated parts, links, and pages that nobody can find."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import hooks

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    pytest.importorskip("material", reason="the extra `docs` is not installed")
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("documentation")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder)))
    return folder


def test_builds_without_a_warning(built: Path) -> None:
    assert (built / "index.html").is_file()
    assert not (built / "hooks.py").exists()


def test_commands_and_api_are_generated(built: Path) -> None:
    commands = (built / "reference" / "commands.html").read_text(encoding="utf-8")
    assert "--confirmed-by" in commands
    api = (built / "reference" / "api.html").read_text(encoding="utf-8")
    assert "POST /api/requests/{number}" in api


def test_asks_no_other_host(built: Path) -> None:
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "fonts.g" not in text, page
        assert "unpkg" not in text, page


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "string"}, "string"),
        ({"$ref": "#/components/schemas/Room"}, "Room"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number | null"),
        ({"enum": ["up", "down"]}, '"up" | "down"'),
        ({"const": 4}, "4"),
        ({"type": "array", "items": {"type": "integer"}}, "[integer, …]"),
        (
            {"properties": {"a": {"type": "string"}, "b": {"type": "boolean"}}, "required": ["b"]},
            '{"a"?: string, "b": boolean}',
        ),
    ],
)
def test_shows_a_schema_as_a_short_type(schema: hooks.Schema, shown: str) -> None:
    assert hooks.show_type(schema) == shown
