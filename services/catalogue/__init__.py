"""Import a shop's articles: feed, pictures, embeddings."""
