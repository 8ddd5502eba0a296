"""Scenes to learn from: cut-outs, draped garments, drawn people and places, filmed clips."""
