"""Set cameras up, calibrate them, and say what they do."""
