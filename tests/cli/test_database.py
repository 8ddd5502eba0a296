"""`fittingroom database`: the commands that docs/how-to/backup-and-update.md names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from services.watching.claim import SiteClaim
from store import Site, migrate
from tests.cli.test_cli import refused, run


def test_copy_back_and_restore(site: Site) -> None:
    head, earlier = migrate.head(), migrate.revisions()[-2]
    where = ("--site", site.folder)
    site.store.close()
    assert run("database", "backup", *where).returncode == 0
    assert run("database", "downgrade", earlier, *where).returncode == 0
    shown = json.loads(run("database", "show", "--json", *where).stdout)
    assert (shown["revision"], shown["known"]) == (earlier, head)
    assert len(shown["backups"]) == 2
    assert f"revision {earlier}" in run("database", "show", *where).stdout
    assert run("database", "restore", shown["backups"][-1], *where).returncode == 0
    assert json.loads(run("database", "show", "--json", *where).stdout)["revision"] == head


def test_what_cannot_be_done_is_one_line(site: Site, tmp_path: Path) -> None:
    where = ("--site", site.folder)
    refused(run("database", "restore", tmp_path / "none.db", *where), "no such file")
    refused(run("database", "downgrade", "17", *where), "known: 0001")
    site.store.close()
    path = site.folder / "fittingroom.db"
    whole = path.read_bytes()
    path.write_bytes(b"")
    for command in (("serve",), ("account", "list"), ("database", "show"), ("database", "backup")):
        refused(run(*command, *where), "fittingroom database restore")
    refused(run("init", site.folder), "fittingroom database restore")
    path.write_bytes(whole)


def test_a_downgrade_to_the_present_revision_has_nothing_to_do(site: Site) -> None:
    ran = run("database", "downgrade", migrate.head(), "--site", site.folder)
    assert ran.returncode == 0
    assert "Nothing was changed" in ran.stderr
    assert "Install" not in ran.stderr


def test_the_database_of_a_running_server_is_not_replaced(site: Site, tmp_path: Path) -> None:
    where = ("--site", site.folder)
    copy = migrate.back_up(site.database_url)
    server = SiteClaim(site.folder)
    server.take()
    for command in (("restore", copy), ("downgrade", migrate.revisions()[-2])):
        ran = run("database", *command, *where)
        refused(ran, f"process {os.getpid()} on ")
        assert "Stop it first" in ran.stderr
    assert migrate.current_revision(site.database_url) == migrate.head()
    server.release()
    site.store.close()
    assert run("database", "restore", copy, *where).returncode == 0
    server.take()
    server.release()


@pytest.mark.parametrize("command", ["backup", "downgrade", "restore", "show"])
def test_the_documentation_names_each_command(command: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "backup-and-update.md"
    assert f"fittingroom database {command}" in page.read_text(encoding="utf-8")
