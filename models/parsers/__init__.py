"""Parsers: say what a catalogue picture shows, and where in it the article is."""
