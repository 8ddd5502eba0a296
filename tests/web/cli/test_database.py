"""`fittingroom database`: the commands that docs/update.md names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store import Site, migrate
from tests.web.cli.test_cli import refused, run


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


@pytest.mark.parametrize("command", ["backup", "downgrade", "restore", "show"])
def test_the_documentation_names_each_command(command: str) -> None:
    page = Path(__file__).parents[3] / "docs" / "update.md"
    assert f"fittingroom database {command}" in page.read_text(encoding="utf-8")
