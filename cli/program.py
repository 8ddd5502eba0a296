"""The command `fittingroom` and its error handling."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import Any

import click

from cli.common import print_json, say
from common.errors import FittingroomError
from common.redact import RedactingFormatter, redact, redact_tracebacks

# A command's module is imported when it is called: `serve` needs no models, `init` no vision.
_COMMANDS = {
    "account": ("cli.account:account", "Manage who may log in to the staff's pages."),
    "bench": ("cli.bench:bench", "Count the cameras that this machine can process."),
    "calibrate": ("cli.calibrate:calibrate", "Set a camera up, step by step."),
    "camera": ("cli.camera:camera", "Add, change and remove cameras."),
    "catalogue": ("cli.catalogue:catalogue", "Import articles and looks; match pictures."),
    "database": ("cli.database:database", "Back up, restore and downgrade the database."),
    "dataset": ("cli.dataset:dataset", "Correct the detector's mistakes and train from them."),
    "demo": ("cli.demo:demo", "Run a synthetic shop with a filmed entrance."),
    "detect": ("cli.detect:detect", "Detect people and carried garments in pictures."),
    "evaluate": ("cli.evaluate:evaluate", "Measure the weights on held-out data."),
    "init": ("cli.site:init", "Create a site: settings, cameras, database, pictures."),
    "insights": ("cli.insights:insights", "Show figures of a period; send a day's summary."),
    "learning": ("cli.learning:learning_group", "Show and undo what was learned in this shop."),
    "model": ("cli.model:model", "Add models of your own; choose which are used."),
    "outfits": ("cli.outfits:outfits", "Suggest, score and compose outfits."),
    "privacy": ("cli.privacy:privacy", "Show the privacy record; write signs and documents."),
    "record": ("cli.record:record", "Record what a camera detects, without pictures."),
    "replay": ("cli.record:replay", "Print the crossings of a video or a recording."),
    "serve": ("cli.site:serve", "Serve the pages and watch the cameras."),
    "train": ("cli.train:train", "Train the detector, the embedder or the stylist."),
    "watch": ("cli.watch:watch", "Watch one camera; write its crossings to the journal."),
}


class _Lazy(click.Group):
    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fittingroom")
def fittingroom() -> None:
    """Detect which garments go into the fitting rooms; show outfits with them on screens."""


def run(arguments: list[str] | None = None) -> Any:
    """Run a command; bad input ends in one clear line and exit code 2."""
    # Silence their messages about files and streams; we report those ourselves.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    if arguments is None:  # a process of its own, not a test
        redact_tracebacks()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        return fittingroom(arguments, prog_name="fittingroom")
    except BrokenPipeError:  # the reader of our output has ended, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except FittingroomError as error:
        if "--json" in (sys.argv[1:] if arguments is None else arguments):
            print_json({"error": {"message": redact(str(error))}})
        say(f"fittingroom: {error}")
        sys.exit(error.exit_code)
