"""`fittingroom init` and `fittingroom serve`."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import say, site_option
from store import Site, init_site


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", default="Fitting room", help="The shop's name, shown on the screens.")
def init(folder: Path, name: str) -> None:
    """Create a site: one folder with settings, cameras, database and pictures."""
    site = init_site(folder, name)
    say(
        f"Created a site in {site.folder.resolve()}. Next: fittingroom catalogue import FEED "
        f"--images DIR --site {folder}"
    )


@click.command()
@site_option
@click.option("--host", help="Address to listen on (default: the setting web.host).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (default: the setting web.port).")
@click.option("--watchers/--no-watchers", default=True, help="Also run one watcher per camera.")
def serve(site: Site, host: str | None, port: int | None, watchers: bool) -> None:
    """Serve the pages, with one supervised watcher process per camera."""
    from web.doors import describe_doors
    from web.server import Server, serve_until_stopped

    web = site.settings.web
    server = Server(site, host or web.host, port or web.port, watchers)
    for line in describe_doors(site, host or web.host, server.port, watchers):
        say(line)
    serve_until_stopped(server)
