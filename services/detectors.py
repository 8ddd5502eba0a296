"""The detector of a site, as its settings say, and models of its own."""

from __future__ import annotations

from pathlib import Path

import tomlkit

from common.errors import SettingsError
from common.files import write_whole
from common.site import SETTINGS_FILE, SiteFolder
from models.detectors.protocol import ObjectDetector
from models.detectors.registry import open_detector


def models_folder(site: SiteFolder) -> Path:
    """Return where a site keeps models of its own."""
    return site.folder / "models"


def load_site_detector(site: SiteFolder) -> ObjectDetector:
    """Load the detector that the setting `vision.detector` names.

    Raises:
        UnknownPluginError: No detector has this name.
        ModelError: Its weights are missing or do not fit.
    """
    vision = site.settings.vision
    return open_detector(vision.detector, vision.threads, own=models_folder(site))


def use_detector(site: SiteFolder, name: str) -> None:
    """Write the setting `vision.detector`, once the detector has been loaded.

    Raises:
        UnknownPluginError: No detector has this name.
        ModelError: Its weights are missing or do not fit.
        SettingsError: The settings cannot be written.
    """
    open_detector(name, site.settings.vision.threads, own=models_folder(site))
    path = site.folder / SETTINGS_FILE
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        document.setdefault("vision", tomlkit.table())["detector"] = name
        write_whole(path, tomlkit.dumps(document))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror}).") from error
