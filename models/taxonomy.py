"""The categories of articles, shared by catalogue, detector and outfits.

Eleven categories of carried garments are detected. Bags, shoes, hats and scarves are articles
like any other but are never detected: shoppers bring their own, and no picture distinguishes
those from the shop's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

#: Garments that are detected, in the order of the detector's classes after `person`.
GARMENTS: Final = (
    "top", "shirt", "sweater", "jacket", "coat", "dress",
    "jumpsuit", "skirt", "trousers", "jeans", "shorts",
)  # fmt: skip
#: Articles that complete an outfit but are never detected.
ACCESSORIES: Final = ("bag", "shoes", "hat", "scarf", "accessory")
#: Categories that the embedder classifies.
EMBEDDER_CATEGORIES: Final = GARMENTS + ACCESSORIES
#: All categories; `other` articles are in no outfit: underwear, cosmetics, linen.
CATEGORIES: Final = (*EMBEDDER_CATEGORIES, "other")
#: Classes of the detector, in order.
DETECTOR_CLASSES: Final = ("person", *GARMENTS)

#: The part of an outfit that a category fills; an outfit has one article per part.
PARTS: Final = {
    "top": "upper", "shirt": "upper", "sweater": "upper",
    "jacket": "outer", "coat": "outer", "dress": "full", "jumpsuit": "full",
    "skirt": "lower", "trousers": "lower", "jeans": "lower", "shorts": "lower",
    "bag": "bag", "shoes": "shoes", "hat": "hat", "scarf": "scarf",
    "accessory": "accessory", "other": "other",
}  # fmt: skip

# Numbers of Google's product taxonomy (2021-09-21) whose whole branch is one category.
_GOOGLE_IDS: Final = {
    "2271": "dress", "5250": "jumpsuit", "7132": "jumpsuit", "5424": "jumpsuit",
    "212": "top", "204": "trousers", "207": "shorts", "1581": "skirt", "5441": "skirt",
    "5598": "coat", "203": "jacket", "1831": "jacket", "1594": "jacket",
    "187": "shoes", "3032": "bag", "6551": "bag", "173": "hat", "177": "scarf",
    "167": "accessory", "188": "accessory",
}  # fmt: skip

# First match wins, so compounds ("jeans jacket", "shirt dress") stand before their parts.
_WORDS: Final = tuple(
    (category, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])"))
    for category, pattern in (
        ("other", "(sun)?glasses case|wallets?|card holders?|umbrellas?|key ?rings?|fragrances?"
                  "|fragances?|perfumes?|cosmetic( bag)?s?|cushion case|pillow ?case|duvet covers?"
                  "|(beach )?towels?|blankets?|bras?|bikini( top| pant(ie|y|ies))?|swimsuits?"
                  "|swimwear|pyjamas?|nightwear|underwear|knickers?|briefs?|panties|lingerie"
                  "|intimates?|bathrobes?|phone cases?|masks?"),
        ("accessory", "sunglasses|glasses|belts?|jewell?ery|earrings?|necklaces?|rings?|bracelets?"
                      "|anklets?|watch(es)?|gloves?|socks?|tights|ties?|hair ?clips?|brooch(es)?"),
        ("jumpsuit", "jumpsuits?|overalls?|dungarees?|rompers?|playsuits?|monos?|combinaisons?"),
        ("coat", "coats?|parkas?|puffers?( coats?| jackets?)?|trench( ?coats?)?|capes?"
                 "|m[aä]ntel|abrigos?|manteaux?"),
        ("jacket", "(leather |denim |jeans? |bomber )?jackets?|blazers?|overshirts?|ponchos?"
                   "|outer vests?|outerwear|gilets?|waistcoats?|kaftans?|jacken?|chaquetas?"
                   "|cazadoras?|vestes?"),
        ("dress", "dress(es)?|gowns?|pichi|kleid(er)?|vestidos?|robes?"),
        ("sweater", "sweaters?|cardigans?|sweatshirts?|hoodies?|jumpers?|pullovers?|knitwear"
                    "|strickjacken?|jers[eé]ys?|pulls?"),
        ("top", "t-?shirts?|tee|tops?|polos?|poloshirts?|bodysuits?|bodies|body|vests?|tanks?"
                "|camisoles?|undershirts?|long ?sleeves?|camisetas?"),
        ("shirt", "shirts?|blouses?|tunics?|hemd(en)?|blusen?|camisas?|blusas?|chemises?"
                  "|chemisiers?"),
        ("skirt", "skirts?|skorts?|rock|r[oö]cke|faldas?|jupes?"),
        ("jeans", "jeans?|vaqueros?"),
        ("shorts", "shorts?|bermudas?"),
        ("trousers", "trousers?|pants?|leggings?|joggers?|chinos?|culottes?|hosen?"
                     "|pantal[oó]n(es)?|pantalons?"),
        ("shoes", "shoes?|footwear|sandals?|(ankle )?boots?|trainers?|sneakers?|heels?|loafers?"
                  "|clogs?|flats?|mules?|schuhe?|zapatos?|chaussures?"),
        ("bag", "(hand|shoulder|crossbody|totes?|city|bucket|mini|belt)? ?bags?|backpacks?"
                "|clutch(es)?|totes?|handbags?|citybag|taschen?|bolsos?|sacs?"),
        ("scarf", "scar(f|ves)|kerchiefs?|foulards?|shawls?|schals?|bufandas?"),
        ("hat", "hats?|caps?|beanies?|hairbands?|headbands?|m[uü]tzen?|h[uü]te?|gorros?|chapeaux?"),
    )
)  # fmt: skip


def category_of(product_type: str, google_category: str = "", title: str = "") -> str:
    """Map the product type, Google category and title of an article to a category.

    The most specific level of `product_type` is tried first, then the one above it, then
    Google's category (number or path), then the title.

    Args:
        product_type: The shop's own path, levels separated by `>` or `/`.
        google_category: A number or path of Google's product taxonomy.
        title: The article's title.

    Returns:
        One of `CATEGORIES`; `other` when nothing is recognised.
    """
    if found := _by_words(reversed(re.split(r"[>/|]", product_type.lower()))):
        return found
    number = google_category.strip()
    if number in _GOOGLE_IDS:
        # Google's "Shirts & Tops" and "Outerwear" span several categories; see the title first.
        specific = _by_words([title.lower()])
        if specific and number in {"212", "203", "5598"} and specific in GARMENTS:
            return specific
        return _GOOGLE_IDS[number]
    levels = list(reversed(google_category.lower().split(">")))
    if "shirts & tops" in levels[0] or "outerwear" in levels[0] or "coats & jackets" in levels[0]:
        levels.insert(0, title.lower())
    return _by_words(levels) or _by_words([title.lower()]) or "other"


def _by_words(texts: Iterable[str]) -> str | None:
    for text in texts:
        for category, pattern in _WORDS:
            if pattern.search(text):
                return category
    return None
