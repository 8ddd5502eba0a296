"""The detector and the embedder of a site, as its settings say, and models of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import tomlkit

from common.errors import SettingsError
from common.files import write_whole
from common.registry import UnknownPluginError
from common.site import FOLDER_NAME, SETTINGS_FILE, SiteFolder
from models.detectors.protocol import ObjectDetector
from models.detectors.registry import DETECTORS, open_detector
from models.embedders.protocol import GarmentEmbedder
from models.embedders.registry import EMBEDDERS, open_embedder
from models.errors import ModelError
from models.manifest import DetectorManifest, load_detector_entry, save_manifest
from models.own import KINDS, Kind, own_models


def models_folder(site: SiteFolder) -> Path:
    """Return the folder of a site's own models."""
    return site.folder / "models"


def check_new_name(site: SiteFolder, name: str) -> None:
    """Check that a new model may have this name.

    Raises:
        ModelError: The name is not allowed, or taken: no model is ever overwritten.
    """
    built_in = {*DETECTORS.names(), *EMBEDDERS.names()}
    taken = name in built_in or (models_folder(site) / name).exists()
    if not FOLDER_NAME.fullmatch(name) or taken:
        raise ModelError(f"--name: {name!r} is taken or not of a-z, 0-9, - and _.")


def model_names(site: SiteFolder, kind: Kind) -> list[str]:
    """List the models of one kind that a site can use, its own first."""
    built_in = DETECTORS.names() if kind == "detector" else EMBEDDERS.names()
    return [*own_models(models_folder(site), kind), *built_in]


def kind_of(site: SiteFolder, name: str) -> Kind:
    """Return whether a model is a detector or an embedder.

    Raises:
        UnknownPluginError: There is no model of this name.
    """
    found = [kind for kind in KINDS if name in model_names(site, kind)]
    if not found:
        known = ", ".join(each for kind in KINDS for each in model_names(site, kind))
        raise UnknownPluginError(f"no model named {name!r}; known: {known}.")
    return found[0]


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


def load_site_embedder(site: SiteFolder, threads: int | None = None) -> GarmentEmbedder:
    """Load the embedder that the setting `vision.embedder` names.

    Args:
        site: The site.
        threads: Processor threads; by the settings if None.

    Raises:
        UnknownPluginError: No embedder has this name.
        ModelError: Its weights are missing or do not fit.
    """
    vision = site.settings.vision
    return open_embedder(vision.embedder, threads or vision.threads, own=models_folder(site))


def use_detector(site: SiteFolder, name: str) -> None:
    """Write the setting `vision.detector`, once the detector has been loaded.

    Raises:
        UnknownPluginError: No detector has this name.
        ModelError: Its weights are missing or do not fit.
        SettingsError: The settings cannot be written.
    """
    open_detector(name, site.settings.vision.threads, own=models_folder(site))
    _set(site, "detector", name)


def use_embedder(site: SiteFolder, name: str, rebuild: Callable[[str], object]) -> None:
    """Write the setting `vision.embedder`, once the gallery has been embedded with it.

    Until then cameras go on with the embedder before; its gallery stays, for the way back.

    Args:
        site: The site.
        name: The embedder.
        rebuild: Embeds with the embedder of a name what it has not embedded yet.

    Raises:
        UnknownPluginError: No embedder has this name.
        ModelError: Its weights are missing or do not fit.
        SettingsError: The settings cannot be written.
    """
    open_embedder(name, site.settings.vision.threads, own=models_folder(site))
    rebuild(name)
    _set(site, "embedder", name)


def _set(site: SiteFolder, key: str, name: str) -> None:
    path = site.folder / SETTINGS_FILE
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        document.setdefault("vision", tomlkit.table())[key] = name
        write_whole(path, tomlkit.dumps(document))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror}).") from error
