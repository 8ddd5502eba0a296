"""The demo: a synthetic shop without hardware."""
