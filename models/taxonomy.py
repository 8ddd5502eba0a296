"""The categories of articles, shared by catalogue, detector and outfits.

Eleven categories of carried garments are detected. Bags, shoes, hats and scarves are articles
like any other but are never detected: shoppers bring their own, and no picture distinguishes
those from the shop's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Category:
    """A kind of article.

    Attributes:
        name: As the API and the database have it; screens show its translation.
        part: The part of an outfit that it fills; an outfit holds one article a part.
        length_rel: Length of such an article, as a share of its wearer's height.
        holds: What belongs to it, in words.
        detected: Whether the detector finds it.
    """

    name: str
    part: str
    length_rel: float
    holds: str
    detected: bool = False


#: Every category: first those that are detected, in the order of the detector's classes after
#: `person`; last `other`, which is in the shop and part of no outfit.
TABLE: Final = (
    Category("top", "upper", 0.34, "T-shirts, tops, polos, bodysuits, vests, camisoles", True),
    Category("shirt", "upper", 0.38, "shirts, blouses, tunics", True),
    Category("sweater", "upper", 0.36, "sweaters, cardigans, sweatshirts, hoodies", True),
    Category("jacket", "outer", 0.37, "jackets, blazers, overshirts, gilets", True),
    Category("coat", "outer", 0.56, "coats, parkas, puffers, trench coats, capes", True),
    Category("dress", "full", 0.56, "dresses", True),
    Category("jumpsuit", "full", 0.7, "jumpsuits, overalls, playsuits", True),
    Category("skirt", "lower", 0.38, "skirts", True),
    Category("trousers", "lower", 0.55, "trousers, leggings, joggers, chinos", True),
    Category("jeans", "lower", 0.54, "jeans", True),
    Category("shorts", "lower", 0.24, "shorts, bermudas", True),
    Category("bag", "bag", 0.2, "handbags, backpacks, clutches"),
    Category("shoes", "shoes", 0.12, "shoes, boots, sandals"),
    Category("hat", "hat", 0.12, "hats, caps, beanies"),
    Category("scarf", "scarf", 0.3, "scarves, foulards"),
    Category("accessory", "accessory", 0.1, "jewellery, belts, glasses, gloves, tights"),
    Category("other", "other", 0.2, "underwear, swimwear, cosmetics, linen, the unrecognised"),
)
#: All categories.
CATEGORIES: Final = tuple(category.name for category in TABLE)
#: Categories that the embedder classifies.
EMBEDDER_CATEGORIES: Final = CATEGORIES[:-1]
#: Garments that are detected, in the order of the detector's classes after `person`.
GARMENTS: Final = tuple(category.name for category in TABLE if category.detected)
#: Classes of the detector, in order.
DETECTOR_CLASSES: Final = ("person", *GARMENTS)
#: The part of an outfit that a category fills.
PARTS: Final = {category.name: category.part for category in TABLE}
#: Length of an article as a share of its wearer's height.
LENGTHS: Final = {category.name: category.length_rel for category in TABLE}

#: Numbers of Google's product taxonomy (2021-09-21) whose whole branch is one category.
GOOGLE_IDS: Final = {
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
    if number in GOOGLE_IDS:
        # Google's "Shirts & Tops" and "Outerwear" span several categories; see the title first.
        specific = _by_words([title.lower()])
        if specific and number in {"212", "203", "5598"} and specific in GARMENTS:
            return specific
        return GOOGLE_IDS[number]
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
