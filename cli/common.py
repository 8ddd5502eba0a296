"""Shared by all commands: the site option, output, progress."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from calibration.cleaning import clean_cameras
from common.progress import progress as show_progress
from common.redact import redact
from common.tables import Problem
from store import open_site

if TYPE_CHECKING:  # most commands need no models
    from common.crossing import Crossing

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
_SHOWN = 50


def site_option(command: F) -> F:
    """Add `--site DIR` (default: the current folder) and pass the opened site on.

    First moves passwords that an older version left in cameras' files to their own file.
    """

    @click.option(
        "--site",
        "folder",
        type=click.Path(path_type=Path),
        default=Path(),
        help="The site's folder (default: the current folder).",
    )
    @functools.wraps(command)
    def with_site(folder: Path, **arguments: Any) -> Any:
        with open_site(folder) as site:
            clean_cameras(site.folder)
            return command(site=site, **arguments)

    return with_site  # type: ignore[return-value]


def print_json(value: Any) -> None:
    """Print one JSON object on one line and flush."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Print a line on standard error, with passwords masked."""
    click.echo(redact(text), err=True)


def print_crossing(crossing: Crossing, as_json: bool) -> None:
    """Print a crossing as JSON or as text."""
    if as_json:
        print_json(crossing.as_json())
        return
    carried = ", ".join(f"{g.category} {g.sku or 'unknown'}" for g in crossing.garments)
    click.echo(
        f"{crossing.time:9.2f} s  {crossing.event} {crossing.gate} "
        f"room {crossing.room or '?'}: {carried or 'nothing carried'}"
    )


def progress(items: Iterable[T], total: int | None, what: str, unit: str) -> Iterable[T]:
    """Show a progress bar on standard error."""
    return show_progress(items, total, what, unit=unit)


def show_problems(problems: Sequence[Problem], file: Path) -> None:
    """Print which lines of a file were skipped and why; the first fifty."""
    for problem in problems[:_SHOWN]:
        say(f"{file}: {problem}")
    if len(problems) > _SHOWN:
        say(f"… and {len(problems) - _SHOWN} more.")
