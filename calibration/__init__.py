"""A camera's site: masks, gates; its file and its checks."""

from calibration.camera import (
    Camera,
    CameraError,
    Gate,
    Mask,
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
    "list_cameras",
    "load_camera",
    "parse_camera",
    "save_camera",
]
