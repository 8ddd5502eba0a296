"""Users and passwords of cameras: kept apart from the cameras' files, readable by one account.

They come, in this order, from the environment (`FITTINGROOM_CAMERA_ENTRANCE_USER`, `…_PASSWORD`,
or `…_PASSWORD_FILE`, the file of a container's secret) and from `credentials.toml` in the site
(mode 0600), where `password_file` names such a file, too.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import tomli_w

from calibration.address import Credentials
from calibration.base import CameraError
from common.files import new_file

log = logging.getLogger("fittingroom.credentials")

FILE: Final = "credentials.toml"
_ENTRY: Final = {"user": str, "password": str, "password_file": str, "secrets": list}
_HEAD: Final = "# Users and passwords of cameras. Only the server's account may read this file.\n"
_MODE: Final = 0o600


def variable_of(camera: str, what: str) -> str:
    """Name the environment variable that holds a camera's `USER`, `PASSWORD` or `PASSWORD_FILE`."""
    return f"FITTINGROOM_CAMERA_{camera.upper().replace('-', '_')}_{what}"


def load_credentials(
    site: Path, camera: str, environment: Mapping[str, str] = os.environ
) -> Credentials:
    """Load a camera's credentials; none are no error.

    Raises:
        CameraError: The file, or one that it names, cannot be read or is wrong.
    """
    entry = _read(site).get(camera, {})
    kept = Credentials(
        entry.get("user", ""),
        entry.get("password", "") or _secret(entry.get("password_file", ""), FILE),
        tuple(entry.get("secrets", ())),
    )
    user = environment.get(variable_of(camera, "USER"))
    password = environment.get(variable_of(camera, "PASSWORD"))
    if password is None and (file := environment.get(variable_of(camera, "PASSWORD_FILE"))):
        password = _secret(file, variable_of(camera, "PASSWORD_FILE"))
    return replace(
        kept,
        user=kept.user if user is None else user,
        password=kept.password if password is None else password,
    )


def save_credentials(site: Path, camera: str, credentials: Credentials) -> None:
    """Keep a camera's credentials in the file; empty ones take it out.

    Raises:
        CameraError: The file cannot be written, or is wrong.
    """
    entry: dict[str, Any] = {"user": credentials.user, "password": credentials.password}
    entry["secrets"] = list(credentials.secrets)
    _change(site, lambda known: {**known, camera: {k: v for k, v in entry.items() if v}})


def refer_to_password(site: Path, camera: str, user: str, file: str) -> None:
    """Keep a user and where the password is read from, each time the camera is opened.

    Raises:
        CameraError: The password's file cannot be read, or ours not be written.
    """
    _secret(file, "password file")
    entry = {"user": user, "password_file": file}
    _change(site, lambda known: {**known, camera: {k: v for k, v in entry.items() if v}})


def rename_credentials(site: Path, camera: str, name: str) -> None:
    """Keep a camera's credentials under its new name."""

    def renamed(known: dict[str, Any]) -> dict[str, Any]:
        return {(name if key == camera else key): value for key, value in known.items()}

    _change(site, renamed)


def _change(site: Path, change: Any) -> None:
    with _locked(site):
        before = _read(site)
        after = {key: entry for key, entry in change(before).items() if entry}
        if after != before:
            _write(site, after)


@contextlib.contextmanager
def _locked(site: Path) -> Iterator[None]:
    """Lock the file against other processes that change it."""
    try:
        handle = os.open(site / ".credentials.lock", os.O_CREAT | os.O_RDWR, _MODE)
        _give_to_owner(site, handle)
    except OSError as error:
        raise CameraError(f"{site / FILE}: cannot be written ({error.strerror}).") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(site: Path, known: dict[str, Any]) -> None:
    path = site / FILE
    try:
        with new_file(path) as fresh:
            handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                _give_to_owner(site, handle)
                file.write(_HEAD + tomli_w.dumps(known))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise CameraError(f"{path}: cannot be written ({error.strerror}).") from error


def _give_to_owner(site: Path, handle: int) -> None:
    """Make files that root writes readable for the site's owner, who may run the server."""
    owner = site.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(handle, owner.st_uid, owner.st_gid)


def _read(site: Path) -> dict[str, Any]:
    path = site / FILE
    try:
        text = path.read_text(encoding="utf-8")
        _close_to_others(path)
        known = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CameraError(
            f"{path}: cannot be read ({error.strerror}); the server's account must own it."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The error is not chained: it may quote what stands there.
        raise CameraError(f"{path}: not valid TOML; correct it, or delete it and enter "
                          "the passwords again.") from None  # fmt: skip
    for camera, entry in known.items():
        _check(path, camera, entry)
    return known


def _check(path: Path, camera: str, entry: Any) -> None:
    """Check one camera's part; messages name keys, never values."""
    if not isinstance(entry, dict):
        raise CameraError(f"{path}: {camera} must be a section, [{camera}].")
    for key, value in entry.items():
        kind = _ENTRY.get(key)
        if kind is None:
            raise CameraError(f"{path}: {camera}: unknown key {key!r}; known: {', '.join(_ENTRY)}.")
        texts = value if kind is list else [value]
        if not isinstance(value, kind) or not all(isinstance(text, str) for text in texts):
            raise CameraError(f"{path}: {camera}.{key} must be a text in quotation marks.")


def _close_to_others(path: Path) -> None:
    """Make the file readable for its owner alone, and warn that it was not.

    Raises:
        CameraError: It is another account's file.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return
    try:
        path.chmod(_MODE)
    except OSError as error:
        raise CameraError(
            f"{path}: other accounts may read it (mode {mode:04o}); run: chmod 600 {path}"
        ) from error
    log.warning(
        "%s: other accounts could read it (mode %04o); its mode is 0600 now. Change the cameras' "
        "passwords if others may have read them.",
        path,
        mode,
    )


def _secret(file: str, where: str) -> str:
    """Read a secret's file; empty if none is named."""
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CameraError(f"{where}: {file} cannot be read ({why}).") from error
