"""Measure detection, people, retrieval, crossings and films on your own data."""
