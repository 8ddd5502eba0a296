"""The front door: Flask pages, the API and live streams."""
