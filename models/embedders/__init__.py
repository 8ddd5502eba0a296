"""Embedders: map crops of garments to vectors; close vectors are the same article."""
