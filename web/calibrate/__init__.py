"""The calibration pages: a camera's live picture, and its steps."""

from web.calibrate.pages import add_calibration_pages
from web.calibrate.sessions import Sessions

__all__ = ["Sessions", "add_calibration_pages"]
