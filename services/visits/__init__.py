"""Visits as inference: from crossings to whose garments are in a room."""
