"""The detector of a site, as its settings say, and models of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import tomlkit

from common.errors import SettingsError
from common.files import write_whole
from common.site import SETTINGS_FILE, SiteFolder
from models.detectors.protocol import ObjectDetector
from models.detectors.registry import DETECTORS, open_detector
from models.errors import ModelError
from models.manifest import DetectorManifest, load_detector_entry, save_manifest

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


def models_folder(site: SiteFolder) -> Path:
    """Return where a site keeps models of its own."""
    return site.folder / "models"


def check_new_name(site: SiteFolder, name: str) -> None:
    """Check that a site can take a detector of this name.

    Raises:
        ModelError: The name is not allowed, or taken: no detector is ever overwritten.
    """
    taken = name in DETECTORS.names() or (models_folder(site) / name).exists()
    if not _NAME.fullmatch(name) or taken:
        raise ModelError(f"--name: {name!r} is taken or not of a-z, 0-9, - and _.")


def add_detector(site: SiteFolder, name: str, run: Path) -> None:
    """Copy the detector of a training's run into a site; the one in use stays in use.

    Args:
        site: The site.
        name: The detector's name there.
        run: Folder with the weights and their manifest.

    Raises:
        ModelError: The name is taken, or the run holds no detector.
    """
    check_new_name(site, name)
    entry, folder = load_detector_entry(run), models_folder(site) / name
    folder.mkdir(parents=True)
    shutil.copy2(run / entry.file, folder / entry.file)
    save_manifest(DetectorManifest(detector=entry), folder)  # last: without it there is no model


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
