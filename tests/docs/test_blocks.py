"""Every block of the tutorial, the how-to pages and the README runs, or says why it does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, SHOWN, Shell, languages, logical_lines, read_page, run_page


def test_each_block_names_its_language(page: Path) -> None:
    unknown = set(languages(page)) - {"bash", "python", "toml", *SHOWN}
    assert not unknown, "write `bash`, or `text` for what a reader only sees"
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    indented = re.findall(r"(?:\n\n|^)    [^ \n*|<-].*", text)
    assert not indented, "fence this block"


def test_each_block_that_is_not_run_says_why(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for directive in re.findall(r"<!-- skip: (?!end)(.*?)-->", text):
        assert re.fullmatch(r'(next|start) "[^"]{10,}" ', directive), directive


def test_blocks_run_as_they_are_typed(page: Path, shell: Shell) -> None:
    run_page(page, shell)


def test_what_how_to_add_adds_works() -> None:
    document = read_page(ROOT / "docs" / "how-to" / "add.md")
    for example in document.examples():
        if example.region.lexemes.get("arguments") == "python":
            example.evaluate()
    added = document.namespace
    assert added["opens"]("pattern://64x48")
    picture, _ = added["open_source"]("pattern://64x48").read()
    assert picture.shape == (48, 64, 3)
    found = added["load_detector"]().detect(picture)
    assert (len(found.boxes), len(found.scores), len(found.classes)) == (1, 1, 1)


def test_what_how_to_add_adds_passes_the_linter() -> None:
    text = (ROOT / "docs" / "how-to" / "add.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        name = re.match(r'"""([\w/]+\.py): ', block)
        assert name is not None, "the first line names the module"
        checked = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--stdin-filename", name[1], "-"],
            input=block, text=True, capture_output=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stdout


def test_commands_are_split_as_a_shell_does() -> None:
    block = "# first\nfittingroom init a \\\n    --name 'A b'\n\ncd a  # there\n"
    assert logical_lines(block) == ["fittingroom init a      --name 'A b'", "cd a"]


def test_a_block_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "feeds.md"
    with pytest.raises(AssertionError, match=r"docs/how-to/feeds.md:\d+: "):
        run_page(page, Shell(tmp_path))
