"""The stylist: compatibility of articles, outfits for carried garments, explanations."""

from models.stylist.compose import Carried, OutfitQuery, compose
from models.stylist.explanation import Reason, explain
from models.stylist.outfit import Outfit
from models.stylist.runtime import Stylist
from models.stylist.shop import Assortment, Shop

__all__ = [
    "Assortment",
    "Carried",
    "Outfit",
    "OutfitQuery",
    "Reason",
    "Shop",
    "Stylist",
    "compose",
    "explain",
]
