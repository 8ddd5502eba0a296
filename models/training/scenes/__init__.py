"""Scenes to learn from and clips to test with: composed people, garments and places."""
