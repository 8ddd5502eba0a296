"""Embed the catalogue: look at its pictures, choose the best of each article, embed those.

What a picture shows and its vector are kept with it; a picture is looked at again for other weights
of the parser or another category, and embedded again for other weights of the embedder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any, Final

import cv2
import numpy as np

from common.image import Image
from models.appearance import Shot, embed_articles
from models.embedders.registry import DEFAULT, open_shared_embedder
from models.matching import GalleryFeatures
from models.parsers.garment import find_article
from models.parsers.protocol import GarmentParser, PictureKind
from models.parsers.registry import open_parser
from services.catalogue.choice import PoorPicture, choose_pictures, why_poor
from services.catalogue.masks import MaskFolder
from services.site_models import models_folder
from store import Site, StoreError, catalogue, journal, pictures
from store.catalogue import Unembedded
from store.pictures import Kind, Unparsed

_BATCH: Final = 64
_KINDS: Final = {
    PictureKind.PACKSHOT: Kind.PACKSHOT,
    PictureKind.DETAIL: Kind.DETAIL,
    PictureKind.NOTHING: Kind.NOTHING,
}

Embedding = Callable[[Sequence[Any]], Iterable[Any]]


def index(
    site: Site,
    now: float,
    embedding: Embedding = lambda found: found,
    embedder: str | None = None,
) -> int:
    """Embed every picture without an embedding of the current weights; returns how many.

    Args:
        site: The site.
        now: Seconds since the epoch, for the journal.
        embedding: Wraps the pictures, to show progress.
        embedder: Name of the embedder; by the settings if None.

    Raises:
        StoreError: A picture file is missing.
        ModelError: The embedder's weights do not fit their manifest.
    """
    embedded = embed_missing(site, embedding, embedder)
    if embedded:
        announce(site, now, embedded=embedded)
    return embedded


def announce(site: Site, now: float, **counts: int) -> None:
    """Tell cameras and pages that the catalogue has changed."""
    with site.store.write() as session:
        journal.append(session, now, "catalogue.changed", "", counts)


def embed_missing(site: Site, embedding: Embedding, embedder: str | None = None) -> int:
    """Look at new pictures, choose the best of each article, and embed what is not yet.

    A shop with an embedder of its own also embeds with the default one, whose embeddings the
    stylist composes outfits by.

    Args:
        site: The site.
        embedding: Wraps pictures, to show progress.
        embedder: Name of the embedder; by the settings if None.

    Returns:
        How many were embedded, by each embedder.

    Raises:
        StoreError: A picture file is missing.
        ModelError: The embedder's weights do not fit their manifest.
    """
    parser = _open_parser(site)
    names = dict.fromkeys((embedder or site.settings.vision.embedder, DEFAULT))
    with MaskFolder() as masks:
        parse_missing(site, parser, embedding, masks)
        return sum(_embed_missing(site, name, parser, embedding, masks) for name in names)


def _embed_missing(
    site: Site,
    name: str,
    parser: GarmentParser | None,
    embedding: Embedding,
    masks: MaskFolder,
) -> int:
    embedder = open_shared_embedder(name, own=models_folder(site))
    with site.store.read() as session:
        missing = catalogue.pictures_without_vector(session, embedder.model)
    if not missing:
        return 0
    shots = (_shot(site, parser, masks, picture) for picture in embedding(missing))
    pairs = zip((picture.id for picture in missing), embed_articles(embedder, shots), strict=True)
    kept, pending = 0, dict[int, GalleryFeatures]()

    def save() -> int:
        with site.store.write() as session:
            catalogue.save_vectors(session, embedder.model, pending)
        return kept + len(pending)

    try:
        for number, features in pairs:
            pending[number] = features
            if len(pending) == _BATCH or kept + len(pending) == len(missing):
                kept, pending = save(), {}
    except BaseException as stop:  # a signal or a broken picture: what is embedded is kept
        kept = save() if pending else kept
        stop.add_note(
            f"{kept} of {len(missing)} pictures are embedded and kept; "
            "run the same command again to embed the rest."
        )
        raise
    return len(missing)


def _open_parser(site: Site) -> GarmentParser | None:
    name = site.settings.catalogue.parser
    return open_parser(name, os.cpu_count() or 1) if name else None


def parse_missing(
    site: Site, parser: GarmentParser | None, progress: Embedding, masks: MaskFolder
) -> None:
    """Look at the pictures that this parser has not seen, and choose each article's best.

    Args:
        site: The site.
        parser: None embeds every picture whole.
        progress: Wraps the pictures, to show progress.
        masks: Takes those of worn articles, so that no picture is parsed twice.

    Raises:
        StoreError: A picture file is missing.
    """
    model = parser.model if parser else ""
    with site.store.read() as session:
        missing = pictures.unparsed_pictures(session, model)
    if not missing:
        return
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for part in _batches(progress(missing)):
            parsed = pool.map(partial(_parse, site, parser, masks), part)
            found = {p.id: (p.category, kind) for p, kind in zip(part, parsed, strict=True)}
            _save(site, model, found, {p.colourway for p in part})


def _batches(items: Iterable[Unparsed]) -> Iterator[list[Unparsed]]:
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _save(
    site: Site, model: str, found: Mapping[int, tuple[str, Kind]], colourways: set[int]
) -> None:
    with site.store.write() as session:
        pictures.save_kind(session, model, found)
        for known in pictures.load_known(session, colourways).values():
            chosen = choose_pictures(known)
            changed = {p.id: chosen[p.id] for p in known if chosen[p.id] != p.used}
            pictures.save_choice(session, changed)


def _parse(site: Site, parser: GarmentParser | None, masks: MaskFolder, picture: Unparsed) -> Kind:
    if parser is None:
        return Kind.UNKNOWN
    finding = find_article(parser, _read(site, picture.file), picture.category)
    if finding.kind is PictureKind.WORN:
        if finding.alpha is None:
            return Kind.NOT_FOUND
        masks.save(picture.id, finding.alpha)
        return Kind.WORN
    return _KINDS[finding.kind]


def _read(site: Site, file: str) -> Image:
    image = cv2.imread(str(site.pictures / file))
    if image is None:
        raise StoreError(
            f"{site.pictures / file}: gone or damaged. Remove what is "
            "left of it, save the feed's picture again, and import the feed again."
        )
    return np.asarray(image, np.uint8)


def _shot(site: Site, parser: GarmentParser | None, masks: MaskFolder, picture: Unembedded) -> Shot:
    image = _read(site, picture.file)
    if parser is None or picture.kind != Kind.WORN:
        return Shot(image, picture.category)
    alpha = masks.load(picture.id)
    if alpha is None:  # it was parsed by an import that broke off before it was embedded
        alpha = find_article(parser, image, picture.category).alpha
    return Shot(image, picture.category, alpha)


def list_poor(site: Site) -> tuple[list[PoorPicture], int]:
    """List the articles in stock without a good picture; count those cut out of photos."""
    with site.store.read() as session:
        skus = pictures.colourways_on_sale(session)
        known = pictures.load_known(session, skus)
    found = [why_poor(skus[number], shown) for number, shown in known.items()]
    cut = [any(p.used and p.kind is Kind.WORN for p in shown) for shown in known.values()]
    return [poor for poor in found if poor], sum(cut)
