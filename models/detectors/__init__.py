"""Detectors: find people and carried garments in a picture."""
