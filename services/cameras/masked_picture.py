"""Take the picture on which a person confirms a camera's masks."""

from __future__ import annotations

import time

from calibration import Camera, CameraError
from models.detectors.protocol import ObjectDetector
from services.cameras.session import Session
from vision.masked_picture import MaskedPicture


def take_masked_picture(
    camera: Camera, source: str, detector: ObjectDetector, rate: float, patience_s: float = 30.0
) -> MaskedPicture:
    """Take a picture from a camera on which its masks can be confirmed.

    Args:
        camera: The camera with the masks to confirm.
        source: File, address or number of the camera.
        detector: Detects people to pixelate.
        rate: Frames per second.
        patience_s: How long to wait for a picture.

    Raises:
        CameraError: No usable picture arrived.
    """
    session = Session(camera, source, detector, rate)
    session.start()
    try:
        until = time.monotonic() + patience_s
        while problem := session.confirm_problem():
            # A picture of another shape stays one, until the camera is set up for it.
            if time.monotonic() > until or session.ended or session.reshaped:
                raise CameraError(f"{camera.name}: no picture to confirm the masks on. {problem}")
            time.sleep(0.1)
        return session.preview()
    finally:
        session.stop()
