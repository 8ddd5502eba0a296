"""Frame sources: files by their own timestamps, live cameras with their newest frame."""
