"""`fittingroom demo`: a synthetic shop with a camera and a screen, without hardware."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from cli.common import progress, say
from store import Site


@click.command()
@click.option(
    "--site",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("demo-site"),
    show_default=True,
    help="Folder of the demo's site.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=1),
    default=None,
    help="Run headless for this many seconds; exit code 0 if a crossing, a matched article and "
    "outfits on the screen occurred, else 1.",
)
@click.option(
    "--draw",
    "drawn",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Only write the shop to this folder, as input for other commands: product feed, "
    "pictures, look book and video.",
)
def demo(folder: Path, port: int, seconds: float | None, drawn: Path | None) -> None:
    """Run a synthetic shop with a filmed entrance and print the addresses to open."""
    from services.demo.shop import make_shop
    from services.demo.site import prepare_demo

    def show(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
        return progress(items, total, what, "item")

    if drawn:
        shop = make_shop(drawn, show)
        say(f"Drawn: {shop.feed}, {shop.images}, {shop.looks}, {shop.clip}")
        return
    with prepare_demo(folder, show) as site:
        _run(site, port, seconds)


def _run(site: Site, port: int, seconds: float | None) -> None:
    """Serve the demo until it is stopped, or for so long without a person at its screen."""
    from cli.headless import run_headless
    from services.demo.site import ROOM
    from web.server import Server, serve_until_stopped

    if seconds is None:
        server = Server(site, "127.0.0.1", port, watchers=True)
        say(
            f"\nThe screen of room {ROOM}:  {server.address}/screen/{ROOM}\n"
            f"The staff's page:       {server.address}/staff\n"
            f"The look book:          {server.address}/staff/looks\n\n"
            "The clip plays in a loop: a person walks in within seconds. Stop with Ctrl-C."
        )
        serve_until_stopped(server)
        return
    seen = run_headless(site, port, seconds, say)
    say(
        f"{len(seen.crossings)} crossings, {len(seen.matched)} garments matched, "
        f"{len(seen.outfits)} outfits pushed."
    )
    if not seen.complete:
        say("fittingroom: the demo lacks a crossing, a match or outfits.")
        sys.exit(1)
