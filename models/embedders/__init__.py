"""Embedders: map crops of garments to vectors; near vectors are the same article."""
