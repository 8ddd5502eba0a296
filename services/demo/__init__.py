"""The demo: a made-up shop without any hardware."""
