"""Simulated views of carried garments: the embedder's training data and an import's views."""
