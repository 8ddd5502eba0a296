"""The calibration pages: a camera's live picture, and its steps."""
