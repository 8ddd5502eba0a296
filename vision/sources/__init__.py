"""Where frames come from: files by their own timestamps, live cameras newest first."""
