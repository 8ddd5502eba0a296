"""Train, export and evaluate the embedder."""
