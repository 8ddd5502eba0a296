"""Detectors: detect people and carried garments in a picture."""
