"""`fittingroom database`: its version, copies, and the way back to an earlier version."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import print_json, say, site_option
from services.watching.claim import hold_site
from store import Site, migrate
from store.backup import list_backups


@click.group()
def database() -> None:
    """Show, copy and restore the database; go back to an earlier version."""


@database.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(site: Site, as_json: bool) -> None:
    """Show the revision of the tables and the copies there are."""
    path = migrate.sqlite_file(site.database_url)
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
    """Copy the database into the folder backups, while the server may run."""
    say(f"Copied to {migrate.back_up(site.database_url)}.")


@database.command()
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@site_option
def restore(site: Site, copy: Path) -> None:
    """Put a copy in the place of the database; stop the server before."""
    with hold_site(site.folder):
        aside = migrate.restore(site.database_url, copy)
    say(f"Restored {copy}." + (f" The former database is {aside}." if aside else ""))


@database.command()
@click.argument("revision")
@site_option
def downgrade(site: Site, revision: str) -> None:
    """Take the tables back to an earlier version's; stop the server before.

    The earlier version names the REVISION that it needs.
    """
    with hold_site(site.folder):
        before = migrate.downgrade(site.database_url, revision)
    if before == revision:
        say(f"The tables are at revision {revision} already; there is nothing to do.")
        return
    say(
        f"The tables went from revision {before} to {revision}. Install the earlier version "
        "before the next command: this one would update them again."
    )
