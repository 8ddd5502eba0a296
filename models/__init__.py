"""The learned functions: detector and embedder, their weights, scenes and training."""

from models.errors import ModelError
from models.manifest import load_manifest
from models.runtime import Described, Detector, Embedder, Found
from models.taxonomy import CATEGORIES, GARMENTS, PARTS, category_of

__all__ = [
    "CATEGORIES",
    "GARMENTS",
    "PARTS",
    "Described",
    "Detector",
    "Embedder",
    "Found",
    "ModelError",
    "category_of",
    "load_manifest",
]
