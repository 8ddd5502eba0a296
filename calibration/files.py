"""The files of a site's cameras: read once, written whole, each earlier version kept.

A camera's file is `cameras/NAME.toml`; what it was before lies in `cameras/history/NAME/`.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Final

from calibration.address import split_source
from calibration.base import CameraError
from calibration.camera import NAME, VERSION, Camera, explain_name, parse_camera
from calibration.cleaning import clean_file, holds_credentials
from calibration.credentials import save_credentials
from calibration.versions import keep_version, list_versions, version_path
from common.files import write_whole
from common.toml import update_toml

Stamp = tuple[int, int, int]
#: Parsed files that are kept, kept versions of broken ones included.
_CACHED: Final = 256


def camera_path(site: Path, name: str) -> Path:
    """Return where a camera's file lies.

    Raises:
        CameraError: The name cannot be a file's.
    """
    if not NAME.fullmatch(name):
        raise CameraError(f"{name!r} cannot be a camera's name: {explain_name(name)}")
    return site / "cameras" / f"{name}.toml"


def load_camera(site: Path, name: str) -> Camera:
    """Load and check a camera's file; credentials that were written into it are moved out.

    Raises:
        CameraError: There is none, or it is wrong.
    """
    path = camera_path(site, name)
    try:
        camera = _read(path, name)
        if holds_credentials(camera.source):
            clean_file(site, path)
            camera = _read(path, name)
    except FileNotFoundError as error:
        there = ", ".join(list_cameras(site)) or "none yet"
        raise CameraError(
            f"unknown camera {name!r} (this site has: {there}); add it with fittingroom camera add."
        ) from error
    return camera


def file_stamp(path: Path) -> Stamp:
    """Return a stamp of the file that changes on writing: time, size and inode.

    Raises:
        OSError: It is not there.
    """
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path, name: str) -> Camera:
    return _parse_file(path, name, file_stamp(path))


@functools.lru_cache(maxsize=_CACHED)
def _parse_file(path: Path, name: str, _stamp: Stamp) -> Camera:
    """Read and check a file; pages and the supervisor ask for every camera again and again."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CameraError(f"{path}: not valid TOML ({error}).") from error
    camera = parse_camera(data, str(path))
    if camera.name != name:
        raise CameraError(f"{path}: name is {camera.name!r} but the file is called {name!r}.")
    return camera


def list_cameras(site: Path) -> list[str]:
    """List the names of a site's cameras."""
    return sorted(path.stem for path in (site / "cameras").glob("*.toml"))


def newest_readable(site: Path, name: str) -> Camera | None:
    """Return a camera as it is, or as it was last where its file is wrong now; None if never."""
    for version in [None, *list_versions(camera_path(site, name))]:
        try:
            return (
                load_camera(site, name)
                if version is None
                else _read(version_path(camera_path(site, name), version.number), name)
            )
        except (CameraError, OSError):
            continue
    return None


def save_camera(site: Path, camera: Camera) -> Path:
    """Write a camera's file whole or not at all; the one before is kept as a version.

    Credentials in its source are kept apart (`calibration.credentials`).

    Raises:
        CameraError: The site cannot be written.
    """
    source, credentials = split_source(camera.source)
    if credentials:
        save_credentials(site, camera.name, credentials)
    camera = camera.model_copy(update={"source": source})
    data = camera.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    path = camera_path(site, camera.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = ""
        if path.is_file():
            clean_file(site, path)
            before = path.read_text(encoding="utf-8", errors="replace")
        text = update_toml(before, {**data, "version": VERSION})
        if before and before != text:
            keep_version(path)
        write_whole(path, text)
    except OSError as error:
        raise CameraError(f"{path}: cannot be written ({error.strerror}).") from error
    return path


def read_version(site: Path, name: str, number: int) -> Camera:
    """Read a kept version of a camera's file; saving it brings it back.

    Raises:
        CameraError: There is no such version, or it does not hold any more.
    """
    path = version_path(camera_path(site, name), number)
    if not path.is_file():
        kept = list_versions(camera_path(site, name))
        known = ", ".join(str(version.number) for version in kept) or "none"
        raise CameraError(f"{name}: no version {number}; kept are: {known}.")
    return _read(path, name)
