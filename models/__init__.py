"""The learned functions that a shop runs: detector, embedder, matching, stylist, weights."""
