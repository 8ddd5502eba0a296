"""A camera's site: masks, gates, lens, floor, colour; its file, its checks."""

from calibration.base import CameraError
from calibration.camera import (
    Camera,
    Gate,
    Mask,
    change_camera,
    list_cameras,
    load_camera,
    parse_camera,
    save_camera,
)

__all__ = [
    "Camera",
    "CameraError",
    "Gate",
    "Mask",
    "change_camera",
    "list_cameras",
    "load_camera",
    "parse_camera",
    "save_camera",
]
