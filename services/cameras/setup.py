"""Add, change, rename, disable and remove cameras: one function each, for the page and the command.

A running server applies a change of the files within seconds.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

from calibration import Camera, CameraError, list_cameras, load_camera, save_camera
from calibration.address import Credentials
from calibration.credentials import (
    load_credentials,
    refer_to_password,
    rename_credentials,
    save_credentials,
    variable_of,
)
from calibration.drift import reference_path
from calibration.entry import Entry, resolve
from calibration.files import camera_path, read_version
from calibration.versions import rename_versions, version_path
from store import Site, journal
from store import cameras as statuses


def check_free(site: Site, name: str, but: str = "") -> None:
    """Check that no other camera has this name, or one that differs in case, '-' and '_' only.

    Such two would share a file on some file systems, and their environment variables.

    Raises:
        CameraError: The name is taken or not valid.
    """
    camera_path(site.folder, name)
    for other in list_cameras(site.folder):
        if other != but and _folded(other) == _folded(name):
            raise CameraError(f"camera {other!r} exists already. Choose another name.")


def add_camera(site: Site, camera: Camera, entry: Entry, replaces: bool = False) -> Camera:
    """Add a camera; it is used once its masks are confirmed and it has a gate.

    Args:
        site: The site.
        camera: The camera; its source is taken from `entry`.
        entry: Its address and credentials.
        replaces: Whether to replace a camera of this name.

    Raises:
        CameraError: The name is taken or the address is wrong; nothing is written then.
    """
    check_free(site, camera.name, but=camera.name if replaces else "")
    _check_environment(camera.name, entry)
    source, credentials = resolve(entry, camera.name, Credentials(), "")
    added = camera.model_copy(update={"source": source})
    _keep(site, camera.name, credentials, entry)
    save_camera(site.folder, added)
    return added


def change_address(site: Site, name: str, entry: Entry) -> Camera:
    """Change a camera's address, user or password.

    At another address there may be another camera: its masks have to be confirmed again, and its
    reference image is deleted. A new password alone changes neither.

    Raises:
        CameraError: There is no such camera, the address is wrong, or a stored password would be
            sent to another host; nothing is changed then.
    """
    before = load_camera(site.folder, name)
    _check_environment(name, entry)
    known = load_credentials(site.folder, name, {})
    source, credentials = resolve(entry, name, known, before.source)
    if credentials != known or entry.forget or entry.password_file:
        _keep(site, name, credentials, entry)
        os.utime(camera_path(site.folder, name))  # a running server notices the change
    if source == before.source:
        return before
    changed = before.model_copy(update={"source": source, "confirmed": None})
    save_camera(site.folder, changed)
    reference_path(site.folder, name).unlink(missing_ok=True)
    return changed


def rename_camera(site: Site, name: str, new: str, now: float, by: str = "") -> Camera:
    """Rename a camera with its calibration, reference image, versions, credentials and state.

    Args:
        site: The site.
        name: The camera's name.
        new: Its new name.
        now: Seconds since the epoch.
        by: The account, for the journal.

    Raises:
        CameraError: There is no such camera, or the new name is taken or not valid.
    """
    camera = load_camera(site.folder, name)
    if new == name:
        return camera
    check_free(site, new, but=name)
    if _variables(name) and variable_of(new, "USER") != variable_of(name, "USER"):
        raise CameraError(
            f"the credentials of {name!r} come from the environment. First rename their variables "
            f"to {variable_of(new, 'USER')} and so on, and restart the server."
        )
    renamed = camera.model_copy(update={"name": new})
    path, fresh = camera_path(site.folder, name), camera_path(site.folder, new)
    rename_credentials(site.folder, name, new)
    rename_versions(path, fresh)
    if reference_path(site.folder, name).is_file():
        os.replace(reference_path(site.folder, name), reference_path(site.folder, new))
    if fresh.exists():  # the same file, on a disk that ignores case
        os.replace(path, fresh)
    save_camera(site.folder, renamed)
    if path.name in os.listdir(path.parent):
        path.unlink()
    with site.store.write() as session:
        statuses.rename_camera(session, name, new)
        _note(session, now, "renamed", name, by, to=new)
    return renamed


def enable_camera(site: Site, name: str, enabled: bool, now: float, by: str = "") -> Camera:
    """Enable or disable a camera; a disabled one is not opened.

    Raises:
        CameraError: There is no such camera.
    """
    camera = load_camera(site.folder, name)
    if camera.enabled != enabled:
        camera = camera.model_copy(update={"enabled": enabled})
        save_camera(site.folder, camera)
        with site.store.write() as session:
            _note(session, now, "enabled" if enabled else "disabled", name, by)
    return camera


def remove_camera(site: Site, name: str, now: float, by: str = "") -> None:
    """Remove a camera with its calibration, versions, reference image, user and password.

    Recordings and visits stay until they expire. A camera whose file is broken can be removed too.

    Raises:
        CameraError: There is no such camera, or the site cannot be written.
    """
    path = camera_path(site.folder, name)
    if name not in list_cameras(site.folder):
        load_camera(site.folder, name)  # says which there are
    try:
        path.unlink()
        save_credentials(site.folder, name, Credentials())
        reference_path(site.folder, name).unlink(missing_ok=True)
        shutil.rmtree(version_path(path, 0).parent, ignore_errors=True)
    except OSError as error:
        raise CameraError(f"{path}: cannot be removed ({error.strerror}).") from error
    with site.store.write() as session:
        statuses.forget_camera(session, name)
        _note(session, now, "removed", name, by)


def restore_version(site: Site, name: str, number: int) -> Camera:
    """Read an earlier version to restore it; address and enabled state stay as they are.

    The version's confirmation is not restored: see `Camera.restore`.

    Raises:
        CameraError: There is no such camera or version.
    """
    return load_camera(site.folder, name).restore(read_version(site.folder, name, number))


def has_credentials(site: Site, camera: Camera) -> bool:
    """Check whether a user or a password of a camera is stored; unreadable ones count as none."""
    try:
        return bool(load_credentials(site.folder, camera.name))
    except CameraError:
        return False


def _variables(name: str) -> list[str]:
    """List the environment variables that hold a camera's credentials."""
    names = [variable_of(name, what) for what in ("USER", "PASSWORD", "PASSWORD_FILE")]
    return [variable for variable in names if os.environ.get(variable)]


def _check_environment(name: str, entry: Entry) -> None:
    """Reject a user or password that the environment would override."""
    if entry.gives_credentials and (there := _variables(name)):
        raise CameraError(f"{there[0]} is set in the server's environment. Change it there.")


def _keep(site: Site, name: str, credentials: Credentials, entry: Entry) -> None:
    if entry.password_file:
        refer_to_password(site.folder, name, credentials.user, entry.password_file)
    else:
        save_credentials(site.folder, name, credentials)


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")


def _note(session: Any, now: float, what: str, camera: str, by: str, **more: str) -> None:
    """Write a change of a camera to the journal."""
    journal.append(session, now, f"camera.{what}", "", {"camera": camera, "by": by, **more})
