"""The front door: Flask pages and API, and the command line."""
