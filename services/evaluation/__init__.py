"""Measure recognition on data of one's own: detection, people, retrieval, crossings, films."""
