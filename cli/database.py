"""`fittingroom database`: revision, backups, restore and downgrade."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import print_json, say, site_option
from services.watching.claim import hold_site
from store import Site, migrate
from store.backup import list_backups
from store.locking import sqlite_file


@click.group()
def database() -> None:
    """Show, back up, restore and downgrade the database."""


@database.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(site: Site, as_json: bool) -> None:
    """Show the revision of the tables and the available backups."""
    path = sqlite_file(site.database_url)
    revision, known = migrate.current_revision(site.database_url), migrate.head()
    copies = [str(copy) for copy in list_backups(path)] if path else []
    if as_json:
        print_json({"revision": revision, "known": known, "backups": copies})
        return
    click.echo(f"revision {revision or 'none'}; this version's is {known}")
    for copy in copies:
        click.echo(copy)


@database.command()
@site_option
def backup(site: Site) -> None:
    """Copy the database into the folder backups; the server may run."""
    say(f"Copied to {migrate.back_up(site.database_url)}.")


@database.command()
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@site_option
def restore(site: Site, copy: Path) -> None:
    """Replace the database by a backup; stop the server first."""
    with hold_site(site.folder):
        aside = migrate.restore(site.database_url, copy)
    say(f"Restored {copy}." + (f" The former database is {aside}." if aside else ""))


@database.command()
@click.argument("revision")
@site_option
def downgrade(site: Site, revision: str) -> None:
    """Downgrade the tables to an earlier revision; stop the server first.

    The earlier version of the program names the REVISION that it needs.
    """
    with hold_site(site.folder):
        before = migrate.downgrade(site.database_url, revision)
    if before == revision:
        say(f"The tables are already at revision {revision}. Nothing was changed.")
        return
    say(
        f"Downgraded the tables from revision {before} to {revision}. Install the earlier version "
        "before the next command; this version would upgrade them again."
    )
