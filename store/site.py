"""A site with its database: opened, or made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from common.files import write_whole
from common.settings_file import settings_template
from common.site import SETTINGS_FILE, SiteFolder, read_settings
from store.database import Store, open_store
from store.errors import StoreError
from store.migrate import create_or_upgrade


@dataclass(frozen=True)
class Site(SiteFolder):
    """A site's folder and the database of its shop.

    As a context manager it closes the database at the end of the block.
    """

    @cached_property
    def store(self) -> Store:
        """The shop's database, opened on first use."""
        return open_store(self.database_url)

    def close(self) -> None:
        """Close the database; does nothing where it was not opened."""
        if "store" in vars(self):
            self.store.close()

    def __enter__(self) -> Self:
        """Return the site itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.close()


def open_site(folder: Path) -> Site:
    """Open a site folder.

    Raises:
        SettingsError: It is none, or its settings are wrong.
    """
    return Site(folder, read_settings(folder))


def init_site(folder: Path, name: str = "Fitting room") -> Site:
    """Make a site folder: settings, cameras, pictures, an empty database.

    A folder that already is a site keeps its settings; its database is brought up to date.

    Raises:
        StoreError: The folder cannot be written.
    """
    path = folder / SETTINGS_FILE
    try:
        for part in (folder, folder / "cameras", folder / "pictures"):
            part.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole(path, settings_template(name))
    except OSError as error:
        raise StoreError(f"{folder}: cannot make a site here ({error.strerror}).") from error
    site = open_site(folder)
    create_or_upgrade(site.database_url)
    return site
