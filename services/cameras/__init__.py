"""Set up and calibrate cameras."""
