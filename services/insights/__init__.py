"""Figures of what happens in the rooms: estimates with intervals, never of one person."""
