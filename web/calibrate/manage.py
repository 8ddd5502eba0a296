"""Cameras as the API has them: add, change, rename, disable, remove, look through, restore."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, g, jsonify

from calibration import load_camera, parse_camera
from calibration.entry import Entry
from calibration.files import camera_path
from calibration.versions import list_versions
from services.cameras import setup
from web.api import operation
from web.body import known_camera
from web.calibrate.live import live_state, state_of
from web.context import current
from web.permissions import allow
from web.schemas.base import Done, Nothing
from web.schemas.cameras import (
    AddCamera,
    Camera,
    CameraAddress,
    CameraLive,
    CameraName,
    ChangeAddress,
    EnableCamera,
    LeavePage,
    LiveQuery,
    RestoreVersion,
)

cameras = Blueprint("cameras", __name__)


@cameras.post("/api/cameras")
@allow("technician")
@operation("cameras", CameraName, 201)
def add_camera(json: AddCamera) -> tuple[CameraName, int]:
    """Add a camera; it is used once its masks are confirmed and it has a gate."""
    fresh = parse_camera({"name": json.name, "source": "0"}, "new camera")
    setup.add_camera(current.site, fresh, Entry(json.source, json.user, json.password))
    return CameraName(name=json.name), 201


@cameras.post("/api/cameras/<camera>/address")
@allow("technician")
@operation("cameras", CameraAddress)
def change_camera_address(camera: str, json: ChangeAddress) -> CameraAddress:
    """Change a camera's address, user or password; what is left out stays.

    At another address its masks have to be confirmed anew.
    """
    known_camera(current.site, camera)
    entry = Entry(json.source, json.user, json.password, forget=json.forget)
    changed = setup.change_address(current.site, camera, entry)
    current.sessions.forget(camera)
    return CameraAddress(source=changed.source, confirmed=changed.masks_confirmed)


@cameras.post("/api/cameras/<camera>/name")
@allow("technician")
@operation("cameras", CameraName)
def rename_camera(camera: str, json: CameraName) -> CameraName:
    """Rename a camera; its calibration and its state go with it."""
    known_camera(current.site, camera)
    setup.rename_camera(current.site, camera, json.name, current.now(), g.account or "")
    current.sessions.forget(camera)
    return CameraName(name=json.name)


@cameras.post("/api/cameras/<camera>/enabled")
@allow("technician")
@operation("cameras", Done)
def enable_camera(camera: str, json: EnableCamera) -> Done:
    """Use a camera, or leave it alone: a disabled one is not opened."""
    known_camera(current.site, camera)
    setup.enable_camera(current.site, camera, json.enabled, current.now(), g.account or "")
    current.sessions.forget(camera)
    return Done()


@cameras.delete("/api/cameras/<camera>")
@allow("technician")
@operation("cameras", Done)
def remove_camera(camera: str) -> Done:
    """Remove a camera with its calibration, versions, user and password."""
    known_camera(current.site, camera)
    setup.remove_camera(current.site, camera, current.now(), g.account or "")
    current.sessions.forget(camera)
    return Done()


@cameras.get("/api/cameras/<camera>")
@allow("technician")
@operation("cameras", Camera)
def get_camera(camera: str) -> Response:
    """Return how far a camera's calibration is."""
    known_camera(current.site, camera)
    known = load_camera(current.site.folder, camera)
    return jsonify({**state_of(current.site, known), "account": g.account})


@cameras.get("/api/cameras/<camera>/live")
@allow("technician")
@operation("cameras", CameraLive)
def get_camera_live(camera: str, query: LiveQuery) -> Response:
    """Return what a camera sees now, as far as a step needs it.

    Opens the camera; it is closed when the last page says that it leaves, or when no one has
    asked for 45 s.
    """
    known_camera(current.site, camera)
    date = datetime.fromtimestamp(current.now()).date().isoformat()
    return jsonify(live_state(current.sessions, camera, query.step, date, query.page))


@cameras.post("/api/cameras/<camera>/left")
@allow("technician")
@operation("cameras", Done)
def leave_camera(camera: str, json: LeavePage) -> Done:
    """Close a camera that a page followed, unless another page follows it too."""
    known_camera(current.site, camera)
    current.sessions.leave(camera, json.page)
    return Done()


@cameras.post("/api/cameras/<camera>/versions")
@allow("technician")
@operation("cameras", Done)
def restore_version(camera: str, json: RestoreVersion) -> Done:
    """Bring a kept version of a camera's calibration back."""
    known_camera(current.site, camera)
    site = current.site
    known = [version.number for version in list_versions(camera_path(site.folder, camera))]
    if json.number not in known:
        abort(404, f"There is no version {json.number}; there are: {known}.")
    current.sessions.save(setup.restore_version(site, camera, json.number))
    return Done()


@cameras.post("/api/cameras/<camera>/shape")
@allow("technician")
@operation("cameras", Done)
def reshape_camera(camera: str, json: Nothing) -> Done:
    """Set a camera up again for pictures of another shape.

    Gates, lens, floor and picture check are taken out; the masks stay and have to be confirmed
    again.
    """
    known_camera(current.site, camera)
    current.sessions.save(load_camera(current.site.folder, camera).start_again())
    return Done()
