"""Recommend outfits to shoppers, and compose the look book."""
