"""The demo's synthetic shop: drawn articles with stock and looks, and a rendered clip."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from common.files import write_whole
from models.simulation.cutout import Cutout
from models.simulation.fabric import Fabric
from models.simulation.figure import Look
from models.training.scenes.clips import write_clip
from models.training.scenes.drawn import draw_garment, packshot_of
from models.training.scenes.entrance import draw_entrance
from models.training.scenes.sheet import Design
from models.training.scenes.walks import Carried, Walk, hold, straight, truth_of

Colour = tuple[int, int, int]

#: Colour names and their BGR values.
PALETTE: Final[dict[str, Colour]] = {
    "black": (42, 40, 40), "white": (236, 238, 240), "ecru": (205, 222, 232),
    "camel": (110, 155, 192), "navy": (82, 54, 38), "denim": (140, 96, 58),
    "light denim": (196, 160, 122), "forest": (62, 84, 44), "sage": (140, 168, 148),
    "rust": (44, 84, 176), "berry": (82, 40, 130), "rose": (168, 162, 218),
    "sky": (214, 178, 142), "mustard": (52, 160, 214), "charcoal": (78, 74, 72),
    "red": (52, 44, 186),
}  # fmt: skip

# Title, category, cut, pattern, price, accent, colours.
_STYLES: Final[tuple[tuple[str, str, int, str, str, str, tuple[str, ...]], ...]] = (
    ("Crew-neck tee", "top", 0, "plain", "14.90", "white", ("white", "black", "sage")),
    ("Breton tee", "top", 0, "stripes", "19.90", "navy", ("ecru",)),
    ("V-neck tee", "top", 1, "plain", "17.90", "white", ("rust", "navy")),
    ("Satin camisole", "top", 2, "leather", "25.90", "white", ("rose", "black")),
    ("Oxford shirt", "shirt", 2, "plain", "39.90", "white", ("sky", "white")),
    ("Flannel shirt", "shirt", 0, "check", "45.90", "black", ("red",)),
    ("Dotted blouse", "shirt", 0, "dots", "42.90", "white", ("navy", "berry")),
    ("Short-sleeved shirt", "shirt", 1, "floral", "35.90", "ecru", ("forest",)),
    ("Lambswool sweater", "sweater", 0, "knit", "59.90", "white", ("camel", "charcoal", "berry")),
    ("Turtleneck", "sweater", 1, "knit", "55.90", "white", ("ecru", "black")),
    ("Rib cardigan", "sweater", 2, "knit", "62.90", "white", ("mustard", "sage")),
    ("Tailored blazer", "jacket", 0, "plain", "119.00", "white", ("black", "camel")),
    ("Biker jacket", "jacket", 1, "leather", "149.00", "white", ("black",)),
    ("Checked blazer", "jacket", 2, "check", "129.00", "white", ("charcoal",)),
    ("Wool coat", "coat", 0, "plain", "189.00", "white", ("camel", "navy")),
    ("Belted coat", "coat", 2, "plain", "199.00", "white", ("forest",)),
    ("Wrap dress", "dress", 0, "floral", "69.90", "ecru", ("navy", "berry")),
    ("Slip dress", "dress", 1, "leather", "64.90", "white", ("sage", "black")),
    ("Knit dress", "dress", 2, "knit", "72.90", "white", ("rust",)),
    ("Tailored jumpsuit", "jumpsuit", 0, "plain", "89.00", "white", ("black", "forest")),
    ("Pleated skirt", "skirt", 0, "plain", "49.90", "white", ("sage", "navy")),
    ("Pencil skirt", "skirt", 1, "pinstripes", "45.90", "white", ("charcoal",)),
    ("Midi skirt", "skirt", 2, "dots", "52.90", "ecru", ("rust",)),
    ("Cigarette trousers", "trousers", 0, "plain", "55.90", "white", ("black", "camel")),
    ("Wide trousers", "trousers", 1, "plain", "59.90", "white", ("ecru", "navy")),
    ("Straight jeans", "jeans", 2, "denim", "69.90", "white", ("denim", "light denim")),
    ("Wide jeans", "jeans", 1, "denim", "74.90", "white", ("light denim", "black")),
    ("Tailored shorts", "shorts", 0, "plain", "39.90", "white", ("camel", "black")),
    ("Canvas sneakers", "shoes", 0, "plain", "59.90", "white", ("white", "navy")),
    ("Ankle boots", "shoes", 2, "leather", "119.00", "black", ("black", "camel")),
    ("Structured handbag", "bag", 0, "leather", "79.00", "white", ("black", "camel", "berry")),
    ("Wool beanie", "hat", 0, "knit", "22.90", "white", ("mustard",)),
    ("Fringed scarf", "scarf", 0, "check", "34.90", "charcoal", ("camel",)),
)
_SIZES: Final = {"jeans": ("26", "28", "30", "32"), "shoes": ("37", "38", "39", "40", "41"),
                 "bag": ("",), "hat": ("",), "scarf": ("",)}  # fmt: skip
_COLUMNS: Final = ("id", "item_group_id", "title", "description", "image_link", "availability",
                   "price", "brand", "color", "size", "gender", "age_group",
                   "product_type")  # fmt: skip

#: Looks by article code.
_LOOKS: Final = (
    ("M17-navy", "M13-black", "M30-black", "M31-black"),
    ("M17-navy", "M15-camel", "M30-camel", "M31-camel"),
    ("M17-berry", "M12-black", "M30-black", "M31-berry"),
    ("M13-black", "M01-white", "M26-denim", "M30-black", "M31-black"),
    ("M13-black", "M19-rust", "M30-black"),
    ("M09-camel", "M26-light denim", "M30-camel", "M31-camel", "M33-camel"),
    ("M09-berry", "M24-black", "M30-black", "M31-berry"),
    ("M02-ecru", "M25-navy", "M29-white", "M12-camel"),
    ("M02-ecru", "M26-denim", "M29-navy", "M31-camel"),
    ("M05-sky", "M24-camel", "M30-camel", "M15-navy"),
    ("M06-red", "M27-black", "M30-black", "M32-mustard"),
    ("M11-mustard", "M01-white", "M26-denim", "M29-white"),
    ("M21-sage", "M10-ecru", "M30-camel", "M31-camel"),
    ("M23-rust", "M10-black", "M30-black", "M13-black"),
    ("M18-sage", "M12-camel", "M30-camel", "M31-camel"),
    ("M20-black", "M12-camel", "M30-black", "M31-camel"),
    ("M16-forest", "M10-ecru", "M26-denim", "M30-camel"),
    ("M14-charcoal", "M04-black", "M24-black", "M30-black"),
)
# What shoppers of the clip carry in, and what of it they carry out again.
_FIRST: Final = ("M17-navy", "M13-black")
_SECOND: Final = ("M06-red", "M11-mustard")


@dataclass(frozen=True)
class DemoShop:
    """The files of the synthetic shop."""

    feed: Path
    images: Path
    looks: Path
    clip: Path
    truth: dict[str, Any]


def _code(style: int, colour: str) -> str:
    return f"M{style + 1:02d}-{colour}"


def _designs() -> dict[str, tuple[int, Design]]:
    """Return the style's number and the design of every colourway by its code."""
    designs = {}
    for number, (_, category, cut, pattern, _, accent, colours) in enumerate(_STYLES):
        for colour in colours:
            fabric = Fabric(pattern, PALETTE[colour], PALETTE[accent])
            designs[_code(number, colour)] = number, Design(category, fabric, cut, number + 1)
    return designs


def make_shop(
    folder: Path, progress: Callable[[Iterable[Any], int, str], Iterable[Any]]
) -> DemoShop:
    """Draw the articles and render the clip; existing files are kept.

    Args:
        folder: The shop's folder.
        progress: Wraps loops: (items, total, label) → items.
    """
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    designs = _designs()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        drawn = pool.map(lambda item: _draw(images, item[0], item[1][1]), designs.items())
        for _ in progress(drawn, len(designs), "drawing articles"):
            pass
    shop = DemoShop(folder / "feed.tsv", images, folder / "looks.csv", folder / "entrance.mp4",
                    truth_of(_walks(designs, drawn=False)))  # fmt: skip
    _write_feed(shop.feed, designs)
    _write_looks(shop.looks)
    if not shop.clip.exists():
        write_clip(shop.clip, draw_entrance(), _walks(designs, drawn=True), CLIP_S, 10,
                   lambda frames, count: progress(frames, count, "rendering the clip"))  # fmt: skip
    write_whole(folder / "entrance.truth.json", json.dumps(shop.truth, indent=2) + "\n")
    return shop


def _draw(images: Path, code: str, design: Design) -> None:
    path = images / f"{code.replace(' ', '-')}.jpg"
    if not path.exists():
        shot = packshot_of(draw_garment(design, code))
        quality = [cv2.IMWRITE_JPEG_QUALITY, 92]
        write_whole(path, cv2.imencode(".jpg", shot, quality)[1].tobytes())


def _write_feed(path: Path, designs: dict[str, tuple[int, Design]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(_COLUMNS)
        for code, (number, design) in designs.items():
            title, category, _, pattern, price, _, _ = _STYLES[number]
            sizes = _SIZES.get(category, ("XS", "S", "M", "L", "XL"))
            for place, size in enumerate(sizes):
                # About every fourth variant is sold out, never all of an article.
                gone = len(sizes) > 1 and (number * 7 + place * 5 + len(code)) % 9 in (0, 4)
                writer.writerow([
                    f"{code}-{size}".rstrip("-").replace(" ", "-"), f"M{number + 1:02d}", title,
                    f"{title}, {pattern}", f"{code.replace(' ', '-')}.jpg",
                    "out_of_stock" if gone else "in_stock", f"{price} EUR", "Maison Demo",
                    code.split("-", 1)[1], size, "female", "adult", design.category,
                ])  # fmt: skip


def _write_looks(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("outfit", "sku"))
        for number, look in enumerate(_LOOKS):
            for code in look:
                writer.writerow((f"L{number + 1:02d}", first_sku(code)))


def first_sku(code: str) -> str:
    """Return the SKU of a colourway's first variant."""
    category = _STYLES[int(code[1:3]) - 1][1]
    size = _SIZES.get(category, ("XS",))[0]
    return f"{code}-{size}".rstrip("-").replace(" ", "-")


#: Length of the clip in seconds.
CLIP_S: Final = 56.0


def _walks(designs: dict[str, tuple[int, Design]], drawn: bool) -> tuple[Walk, ...]:
    def garments(codes: tuple[str, ...]) -> tuple[Carried, ...]:
        return hold(*(
            draw_garment(designs[code][1], first_sku(code)) if drawn
            else Cutout(_NOTHING, first_sku(code), designs[code][1].category)
            for code in codes
        ))  # fmt: skip

    anna = Look((108, 142, 192), (52, 78, 118), Fabric("plain", (150, 138, 122)),
                Fabric("denim", (96, 72, 52)), (46, 48, 52), 0.46, 0.95, 1)  # fmt: skip
    ben = Look((72, 98, 140), (28, 30, 34), Fabric("plain", (128, 136, 150)),
               Fabric("plain", (58, 56, 60)), (210, 214, 218), 0.44, 1.12, 0)  # fmt: skip
    return (
        straight(1.0, anna, garments(_FIRST)),
        straight(19.0, anna, garments(_FIRST[:1]), inward=False),
        straight(29.0, ben, garments(_SECOND), depth=0.25),
        straight(47.0, ben, (), inward=False, depth=0.25),
    )


_NOTHING = np.zeros((1, 1, 4), np.uint8)
