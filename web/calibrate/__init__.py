"""The calibration pages: a camera's live picture, and its steps."""

from services.cameras.sessions import Sessions
from web.calibrate.pages import add_calibration_pages

__all__ = ["Sessions", "add_calibration_pages"]
