"""The stylist: what goes with what, outfits around what is carried, and why."""

from models.stylist.compose import Carried, Wishes, compose
from models.stylist.outfit import Outfit
from models.stylist.runtime import Stylist
from models.stylist.shop import Assortment, Shop
from models.stylist.why import Reason, explain

__all__ = [
    "Assortment",
    "Carried",
    "Outfit",
    "Reason",
    "Shop",
    "Stylist",
    "Wishes",
    "compose",
    "explain",
]
