"""A site's folder: where its settings, cameras, pictures and database are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from common.environment import read_secret
from common.errors import SettingsError
from common.settings import Settings
from common.settings_file import parse_settings

SETTINGS_FILE = "fittingroom.toml"
#: What models and data sets of a site may be called: their folders have these names.
FOLDER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
#: Names the database in place of the settings, so that its password stands in no file of the site;
#: with `_FILE` at its end, the file of a container's secret.
_DATABASE_URL = "FITTINGROOM_DATABASE_URL"


@dataclass(frozen=True)
class SiteFolder:
    """A site folder with its settings read."""

    folder: Path
    settings: Settings

    @property
    def database_url(self) -> str:
        """The database's SQLAlchemy address: of the environment, the settings, or the default.

        Raises:
            SettingsError: `FITTINGROOM_DATABASE_URL_FILE` names a file that cannot be read.
        """
        default = f"sqlite:///{self.folder / 'fittingroom.db'}"
        return read_secret(_DATABASE_URL) or self.settings.database.url or default

    @property
    def pictures(self) -> Path:
        """The folder of article pictures, named by their hash."""
        return self.folder / "pictures"

    @property
    def recordings(self) -> Path:
        """The folder of recorded detections and films."""
        return self.folder / "recordings"


def read_settings(folder: Path) -> Settings:
    """Read the settings of a site folder.

    Raises:
        SettingsError: It is none, or its settings are wrong.
    """
    path = folder / SETTINGS_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(
            f"{folder.resolve()}: no {SETTINGS_FILE} here; make a site with fittingroom init DIR, "
            "or name one with --site DIR."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}).") from error
    return parse_settings(text, str(path))
