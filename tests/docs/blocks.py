"""Run the blocks of the documentation as a reader types them.

A block is fenced and has a language. Commands are `bash`, run in order and from the folder that the
block before left; settings are `toml`. `text` is what a reader sees; in the tutorial, what the
commands before it print. In a comment before a block: `skip: next "why it cannot be run"`, or
`answers: WORDS`, which a command asks for.
"""

from __future__ import annotations

import os
import queue
import re
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Final
from unittest import SkipTest

from click.testing import CliRunner
from sybil import Document, Example, Sybil
from sybil.parsers.abstract.lexers import BlockLexer
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer
from sybil.region import Region

from common.settings_file import parse_settings

ROOT: Final = Path(__file__).resolve().parents[2]
#: Languages whose blocks are not commands; the tests beside this one or others read them.
SHOWN: Final = ("text", "json", "html", "nginx", "caddy", "ini")
_SHELL: Final = re.compile(r"[|<>;&$`*()]|\\\n")
_READY: Final = "Staff: "
_SOON_S: Final = 120.0


class Shell:
    """A terminal of its own: a current folder, what was printed, perhaps a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = ""
        self.server: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self.port = 0
        self._printed: list[str] = []
        self._coming: queue.Queue[str] = queue.Queue()

    def run(self, block: str) -> None:
        """Run the commands of a block.

        Raises:
            AssertionError: A command fails.
        """
        for line in logical_lines(block):
            self._run_line(line)

    def expect(self, block: str) -> None:
        """Check that each line of a block was printed, or is printed soon by the server.

        Raises:
            AssertionError: It was not.
        """
        for line in block.splitlines():
            while _without_figures(line) not in self._printed:
                assert self.server, f"not printed: {line!r}"
                self._note(self._coming.get(timeout=_SOON_S))

    def close(self) -> None:
        """End the server."""
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=30)
            assert self._listener
            self._listener.join(timeout=30)  # reads to the end, which has come
            assert self.server.stderr
            self.server.stderr.close()
            self.server = None

    def _note(self, output: str) -> None:
        self._printed += map(_without_figures, output.splitlines())

    def _run_line(self, line: str) -> None:
        words = shlex.split(line)
        command, _, target = line.partition(" > ")
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
        elif words[:2] == ["fittingroom", "serve"]:
            self._serve(words[2:])
        elif words[0] == "fittingroom" and not _SHELL.search(_without_quoted(command)):
            printed = self._run_here(shlex.split(command)[1:])
            if target:
                (self.folder / target).write_text(printed, encoding="utf-8")
        else:
            self._run_in_bash(line)

    def _run_here(self, words: list[str]) -> str:
        """Run a command in this process: a new one would import for a second each time."""
        from cli.program import fittingroom

        before = Path.cwd()
        os.chdir(self.folder)
        try:
            answers, self.answers = self.answers, ""
            result = CliRunner().invoke(fittingroom, words, input=answers, prog_name="fittingroom")
        finally:
            os.chdir(before)
        assert result.exit_code == 0, f"{words}: {result.output} {result.exception!r}"
        self._note(result.output)
        return result.stdout

    def _run_in_bash(self, line: str) -> None:
        shim = f'fittingroom() {{ "{sys.executable}" -m cli "$@"; }}\nset -eo pipefail\n'
        answers, self.answers = self.answers, ""
        done = subprocess.run(["bash", "-c", shim + line], cwd=self.folder, env=_environment(),
                              input=answers, capture_output=True, text=True, check=False,
                              timeout=600)  # fmt: skip
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        self._note(done.stdout + done.stderr)

    def _serve(self, words: list[str]) -> None:
        """Start the server in the background and wait until it has printed where its pages are."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "cli", "serve", *words, "--port", str(self.port)]
        self.server = subprocess.Popen(command, cwd=self.folder, env=_environment(),
                                       stderr=subprocess.PIPE, text=True)  # fmt: skip
        self._listener = threading.Thread(
            target=self._listen, args=(self.server.stderr,), daemon=True
        )
        self._listener.start()
        while not any(line.startswith(_READY) for line in self._printed):
            self._note(self._coming.get(timeout=_SOON_S))

    def _listen(self, errors: IO[str]) -> None:
        """Take what the server prints: a pipe that nobody reads would stop it."""
        for line in errors:
            self._coming.put(line)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _without_figures(line: str) -> str:
    """Leave out what differs from run to run: the port, and how fast it went."""
    return re.sub(r" \([^)]*\d[^)]*\)", "", re.sub(r":\d{4,5}/", ":PORT/", line))


def _without_quoted(line: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", line)


def logical_lines(block: str) -> list[str]:
    r"""Split a block into commands, joining lines that end with a backslash; no comments."""
    joined = block.replace("\\\n", " ").splitlines()
    stripped = [re.sub(r"(^|\s)# .*$", "", line).strip() for line in joined]
    return [line for line in stripped if line]


def _shell(example: Example) -> Shell:
    shell: Shell = example.namespace["shell"]
    return shell


def _bash(example: Example) -> None:
    _shell(example).run(example.parsed)


def _text(example: Example) -> None:
    """In the tutorial, `text` is what the commands before it print."""
    if Path(example.path).parent.name == "tutorial":
        _shell(example).expect(example.parsed)


def _toml(example: Example) -> None:
    parse_settings(example.parsed, f"{example.path}:{example.line}")


class _Answers:
    """Reads `<!-- answers: WORDS -->`: lines that the next command asks for."""

    def __init__(self) -> None:
        self.lexer: BlockLexer = DirectiveInHTMLCommentLexer("answers")

    def __call__(self, document: Document) -> Any:
        for found in self.lexer(document):
            words = found.lexemes["arguments"].split()
            yield Region(found.start, found.end, words, self._keep)

    @staticmethod
    def _keep(example: Example) -> None:
        _shell(example).answers = "\n".join(example.parsed) + "\n"


PAGES: Final = Sybil(
    [
        CodeBlockParser("bash", _bash),
        CodeBlockParser("text", _text),
        CodeBlockParser("toml", _toml),
        PythonCodeBlockParser(),
        SkipParser(),
        _Answers(),
    ]
)


def read_page(page: Path) -> Document:
    """Parse a page."""
    document = PAGES.parse(page)
    document.namespace["__name__"] = __name__  # Flask asks where a blueprint is written
    return document


def run_page(page: Path, shell: Shell) -> int:
    """Run the blocks of a page in order, and return how many ran.

    Raises:
        AssertionError: A block fails; the message names its line.
    """
    document, ran = read_page(page), 0
    document.namespace["shell"] = shell
    for example in document.examples():
        try:
            example.evaluate()
            ran += 1
        except SkipTest:
            continue
        except Exception as error:
            raise AssertionError(f"{page.relative_to(ROOT)}:{example.line}: {error}") from error
    return ran


def languages(page: Path) -> list[str]:
    """Name the language of each fenced block of a page, empty where it has none."""
    fences = re.findall(r"^ *(`{3,})(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [language for _, language in fences[::2]]
