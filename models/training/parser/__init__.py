"""The parser: which pixels of a catalogue picture show which kind of garment."""
