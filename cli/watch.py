"""`fittingroom watch`: watch one camera."""

from __future__ import annotations

import os
import signal

import click

from cli.common import print_crossing, say, site_option
from services.watching.parent import ParentMonitor
from store import Site


@click.command()
@click.argument("camera")
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("--server", type=int, hidden=True, help="The server that started this watcher.")
def watch(site: Site, camera: str, as_json: bool, server: int | None) -> None:
    """Process a camera live and write its crossings to the journal."""
    if server is not None:
        ParentMonitor(server, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    # Slow imports come after the first heartbeat, which the server waits for.
    from services.watching.watcher import watch as prepare_watch
    from vision.errors import VisionError

    watcher = prepare_watch(site, camera)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watcher.stop())
    problem = watcher.run(lambda crossing: print_crossing(crossing, as_json))
    if problem:
        raise VisionError(problem)
    say(f"The source of {camera} has ended.")
