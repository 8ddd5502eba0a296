"""From frames to crossings: source, mask, detect, track, carry, gate, match."""
