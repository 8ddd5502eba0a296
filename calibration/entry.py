"""Address and credentials of a camera as entered, with checks and defaults."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.address import (
    Credentials,
    check_credentials,
    check_source,
    host_of,
    is_address,
    join_source,
    split_source,
)
from calibration.base import CameraError
from common.redact import MASK


@dataclass(frozen=True, repr=False)
class Entry:
    """A camera's address as entered; empty fields keep their value.

    Attributes:
        source: An address, with or without user and password, a USB camera or a file.
        user: Asked for by the camera.
        password: Any characters, not quoted; empty for a user without one.
        password_file: The file of a container's secret, read in place of a password.
        forget: Forget the user and the password that are known.
    """

    source: str | None = None
    user: str | None = None
    password: str | None = None
    password_file: str = ""
    forget: bool = False

    @property
    def gives_credentials(self) -> bool:
        """Whether a user or a password is entered apart from the address."""
        return bool(self.user or self.password is not None or self.password_file)


def resolve(entry: Entry, name: str, known: Credentials, before: str) -> tuple[str, Credentials]:
    """Validate the entered fields and complete them with the stored ones.

    Args:
        entry: What is entered.
        name: The camera's, for messages.
        known: Its credentials so far.
        before: Its source so far, empty for a new camera.

    Returns:
        Source and credentials; those of `password_file` are not read.

    Raises:
        CameraError: The address is wrong, a password is missing, or a known one would go to
            another host unasked. No message holds a password.
    """
    source, found = split_source((before if entry.source is None else entry.source).strip())
    source = check_source(source)
    if not is_address(source):
        if entry.gives_credentials:
            raise CameraError(f"{source}: a user and a password belong to an address only.")
        return source, Credentials()
    known = Credentials() if entry.forget else known
    user = (entry.user or "").strip() or found.user
    password = found.password if entry.password is None else entry.password
    given = bool(user or password or entry.gives_credentials)
    secrets = found.secrets or (known.secrets if MASK in source else ())
    if not given or (user == known.user and not password and entry.password is None):
        credentials, stays = Credentials(known.user, known.password, secrets), bool(known)
        if entry.password_file:
            stays = False
    elif not password and entry.password is None and not entry.password_file and known.user:
        raise CameraError(f"enter the password of {user!r}, too.")
    else:
        credentials = Credentials(user or known.user, password, secrets)
        stays = bool(secrets) and not found.secrets
    if stays and before and host_of(before) != host_of(source):
        raise CameraError(
            f"{host_of(source)} is another host than before: enter user and password for it, or "
            "forget those that are known. They are not sent to another host unasked."
        )
    check_credentials(credentials)
    join_source(source, credentials, name)
    return source, credentials
