"""The state of every camera, and the lease of the process that watches it.

A watcher holds its camera's lease: a token in the camera's row. Every crossing is written in a
transaction that checks the token, so a process that slept through a takeover writes nothing. A
lease does not end by a wall clock, which may jump: a process that wants it has to see that the
heartbeat counter stands still, by a clock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common.redact import redact
from store import journal
from store.errors import StoreError
from store.schema import CameraStatus, View

#: What a camera can do, and whether that is in order.
STATES: Final[dict[str, bool]] = {
    "running": True,
    "starting": True,
    "calibrating": True,
    "disabled": True,
    "ended": True,
    "connecting": False,
    "stale": False,
    "black": False,
    "covered": False,
    "blurred": False,
    "colour": False,
    "frozen": False,
    "slow": False,
    "moved": False,
    "reshaped": False,
    "unchecked": False,
    "unconfirmed": False,
    "waiting": False,
    "broken": False,
    "crashed": False,
    "hung": False,
    "unwatched": False,
}
#: In these a camera looks where it did when it was calibrated.
_IN_PLACE: Final = ("running", "blurred", "colour")


class LeaseLostError(StoreError):
    """Another process watches this camera now."""


@dataclass(frozen=True)
class Report:
    """The state of a camera.

    Attributes:
        state: One of `STATES`.
        cause: Why, as a word for programs; empty if not known.
        message: What happened and what to do, for people.
    """

    state: str
    cause: str = ""
    message: str = ""


@dataclass(frozen=True)
class Holder:
    """Who watches a camera, and how far their heartbeat has counted."""

    owner: str
    host: str
    pid: int | None
    heartbeat: int


def read_statuses(session: Session) -> dict[str, CameraStatus]:
    """Return the status of every camera that ever had one, by name."""
    return {status.camera: status for status in session.scalars(select(CameraStatus))}


def report(session: Session, camera: str, report: Report, now: float) -> bool:
    """Write the state of a camera with masked credentials; changes go to the journal.

    Returns:
        Whether state or cause changed.
    """
    report = replace(report, message=redact(report.message))
    row = _row(session, camera, now)
    changed = (row.state, row.cause) != (report.state, report.cause)
    if report.state == "moved":
        row.moved = True
    elif report.state in _IN_PLACE:
        row.moved = False
    row.message = report.message
    if changed:
        row.state, row.cause, row.since = report.state, report.cause, now
        payload = {
            "camera": camera,
            "state": report.state,
            "cause": report.cause,
            "problem": report.message,
        }
        journal.append(session, now, "camera.state", "", payload)
    return changed


def read_holder(session: Session, camera: str) -> Holder | None:
    """Return who watches a camera; None while no process does."""
    row = session.get(CameraStatus, camera)
    if row is None or not row.owner:
        return None
    return Holder(row.owner, row.host, row.pid, row.heartbeat)


def take_lease(
    session: Session, camera: str, holder: Holder, before: Holder | None, now: float
) -> bool:
    """Take a camera's lease, if it is still as it was seen.

    Args:
        session: A write transaction.
        camera: The camera.
        holder: Who takes it.
        before: Who held it when it was looked at last, None for no process.
        now: Seconds since the epoch.

    Returns:
        Whether it was taken; another process may have been quicker, or be alive after all.
    """
    row = _row(session, camera, now)
    there = Holder(row.owner, row.host, row.pid, row.heartbeat) if row.owner else None
    if there != before:
        return False
    row.owner, row.host, row.pid = holder.owner, holder.host, holder.pid
    row.heartbeat, row.heartbeat_at = row.heartbeat + 1, now
    row.frame_at = row.fps = None
    return True


def check_lease(session: Session, camera: str, owner: str) -> CameraStatus:
    """Lock a camera's row for this transaction and return it, as long as this owner holds it.

    Raises:
        LeaseLostError: Another process watches the camera now.
    """
    row = _locked(session, camera)
    if row is None or row.owner != owner:
        other = f"process {row.pid} on {row.host}" if row and row.owner else "another process"
        raise LeaseLostError(
            f"{camera}: {other} took this camera over while this one stood still; "
            "nothing more is written here."
        )
    return row


def beat(
    session: Session, camera: str, owner: str, now: float, frame_at: float | None, fps: float | None
) -> None:
    """Renew a lease.

    Args:
        session: A write transaction.
        camera: The camera.
        owner: The token that holds it.
        now: Seconds since the epoch.
        frame_at: When the newest frame came, None before the first.
        fps: Frames that came in a second, lately.

    Raises:
        LeaseLostError: Another process watches the camera now.
    """
    row = check_lease(session, camera, owner)
    row.heartbeat, row.heartbeat_at = row.heartbeat + 1, now
    row.frame_at, row.fps = frame_at, fps


def release_lease(session: Session, camera: str, owner: str) -> None:
    """Give a camera back, if this owner still holds it."""
    row = _locked(session, camera)
    if row is not None and row.owner == owner:
        row.owner, row.host, row.pid, row.fps = "", "", None, None


def forget_camera(session: Session, camera: str) -> None:
    """Delete the status of a camera that was removed."""
    row = session.get(CameraStatus, camera)
    if row is not None:
        session.delete(row)


def rename_camera(session: Session, camera: str, new: str) -> None:
    """Move a camera's status and its views of garments to its new name.

    Its watcher has to begin anew.

    Without a status under the old name, as after a first call, nothing changes.
    """
    session.execute(update(View).where(View.camera == camera).values(camera=new))
    row = session.get(CameraStatus, camera)
    if row is not None and camera != new:
        forget_camera(session, new)
        session.flush()
        row.camera, row.owner, row.host, row.pid = new, "", "", None
        session.flush()


def describe(status: CameraStatus, now: float) -> dict[str, Any]:
    """Return a camera's status as the API has it; ages are in seconds, null where unknown."""

    def age(time: float | None) -> float | None:
        return None if time is None else round(max(0.0, now - time), 1)

    return {
        "camera": status.camera,
        "state": status.state,
        "cause": status.cause,
        "problem": status.message,
        "ok": STATES.get(status.state, False),
        "since": status.since,
        "heartbeat_age": age(status.heartbeat_at),
        "frame_age": age(status.frame_at),
        "fps": None if status.fps is None else round(status.fps, 1),
    }


def _row(session: Session, camera: str, now: float) -> CameraStatus:
    """Return a camera's row, locked for this transaction; added where there is none."""
    row = _locked(session, camera)
    if row is None:
        try:
            with session.begin_nested():
                session.add(CameraStatus(camera=camera, state="starting", since=now))
        except IntegrityError:
            pass  # on PostgreSQL, another process may have added it meanwhile
        row = session.get_one(CameraStatus, camera, with_for_update=True, populate_existing=True)
    return row


def _locked(session: Session, camera: str) -> CameraStatus | None:
    return session.get(CameraStatus, camera, with_for_update=True, populate_existing=True)
