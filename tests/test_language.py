"""Names follow the field's terms: words that the glossary replaced do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: A word of an identifier and the term to use instead.
WORDS = {
    "told": "name the value",
    "mend": "correct, replace",
    "mended": "corrected, replaced",
    "lessons": "batches, dataset",
    "rivals": "negatives",
    "likeness": "similarity, maxsim",
    "certainty": "probability, calibration",
    "company": "context, co-occurrence",
    "kinds": "categories, classes",
    "telling": "salience, weight",
    "passage": "crossing",
    "straighten": "undistort",
    "straightened": "undistorted",
    "wish": "request, query",
    "wishes": "requests, query",
    "sighting": "detection",
    "tell": "return, check, show",
}
PACKAGES = (
    "calibration", "cli", "common", "models", "services", "store", "vision", "web"
)  # fmt: skip
#: How scripts declare a name.
_SCRIPT_NAME = re.compile(
    r"(?:function|const|let|class)\s+([A-Za-z_$]\w*)|^\s*([a-z]\w*)\([^)]*\) \{"
)
_PART = re.compile(r"[a-z]+|[A-Z][a-z]*|[A-Z]+(?![a-z])")


def _modules() -> list[Path]:
    paths = (path for entry in PACKAGES for path in sorted((ROOT / entry).rglob("*.py")))
    # A migration keeps the names of the tables that it was written for.
    return [path for path in paths if "versions" not in path.parts]


def _identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def _words(name: str) -> set[str]:
    return {part.lower() for part in _PART.findall(name)}


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_identifiers_use_the_fields_terms(path: Path) -> None:
    faults = [
        f"{path.name}:{line}: {name}: say {WORDS[word]}"
        for name, line in _identifiers(ast.parse(path.read_text(encoding="utf-8")))
        for word in sorted(_words(name) & set(WORDS))
    ]
    assert not faults, "\n".join(faults)


def _script_names(text: str) -> Iterator[tuple[str, int]]:
    for line, code in enumerate(text.splitlines(), 1):
        for found in _SCRIPT_NAME.finditer(code):
            yield found[1] or found[2], line


@pytest.mark.parametrize("path", sorted((ROOT / "web/static").glob("*.js")), ids=lambda p: p.name)
def test_scripts_use_the_fields_terms(path: Path) -> None:
    faults = [
        f"{path.name}:{line}: {name}: say {WORDS[word]}"
        for name, line in _script_names(path.read_text(encoding="utf-8"))
        for word in sorted(_words(name) & set(WORDS))
    ]
    assert not faults, "\n".join(faults)


def test_a_private_word_of_a_script_is_found() -> None:
    names = _script_names("const told = 1;\n  tell(error) {\nfunction wish(request) {\n  x(y);")
    assert list(names) == [("told", 1), ("tell", 2), ("wish", 3)]


def test_a_private_word_is_found() -> None:
    tree = ast.parse("def mend_mask(told): kinds_seen = told")
    words = [word for name, _ in _identifiers(tree) for word in _words(name)]
    assert {"mend", "told", "kinds"} <= set(words)
    assert "kind" not in WORDS  # also the kind of an event
