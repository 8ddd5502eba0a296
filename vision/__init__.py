"""From pixels to crossings: source, mask, detect, track, carry, cross, match."""
