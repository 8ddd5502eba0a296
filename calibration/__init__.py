"""A camera's site: masks, gates, lens, floor, colour; its file, its checks."""

from calibration.areas import Gate, Mask
from calibration.base import CameraError, ShapeError
from calibration.camera import Camera, change_camera, parse_camera
from calibration.files import list_cameras, load_camera, save_camera

__all__ = [
    "Camera",
    "CameraError",
    "Gate",
    "Mask",
    "ShapeError",
    "change_camera",
    "list_cameras",
    "load_camera",
    "parse_camera",
    "save_camera",
]
