"""Bringing a feed into the shop: rows, pictures and colours, then vectors, batch by batch.

A batch is one transaction, so an import that breaks off goes on where it stopped: rows
already there with the same content are passed over unread, pictures with a vector too.
"""

from __future__ import annotations

import hashlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from models import Embedder, category_of
from models.appearance import Shot, embed_articles
from models.colour import dominant_lab
from models.scenes.cutout import Image
from store import Site, StoreError, catalogue, journal
from store.catalogue import PictureFile, Unembedded
from store.feed import Problem, Row, read_feed

_BATCH = 64
_LARGEST_PICTURE = 20 * 1024 * 1024
_LONGEST_SIDE = 1400
_EXTRA_PICTURES = 4

Embedding = Callable[[Sequence[Unembedded]], Iterable[Unembedded]]


@dataclass
class ImportReport:
    """What an import did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Ready:
    row: Row
    digest: str
    pictures: tuple[PictureFile, ...]


def import_feed(
    site: Site,
    feed: Path,
    images: Path,
    now: float,
    progress: Callable[[Iterable[Row | Problem]], Iterable[Row | Problem]] = lambda rows: rows,
    embedding: Embedding = lambda pictures: pictures,
) -> ImportReport:
    """Import a Google product feed.

    Args:
        site: The site.
        feed: CSV or TSV.
        images: Folder that `image_link` paths start from.
        now: Seconds since the epoch, for the journal.
        progress: Wraps the rows, to show how far it is.
        embedding: The same for the pictures, which are embedded when all rows are in.

    Returns:
        Counts, and a problem for every row that was skipped.

    Raises:
        StoreError: The feed cannot be read at all, or the site cannot be written.
    """
    report = ImportReport()
    with site.store.read() as session:
        known = catalogue.known_fingerprints(session)
    rows = iter(progress(read_feed(feed)))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while batch := list(islice(rows, _BATCH)):
            report.problems += [item for item in batch if isinstance(item, Problem)]
            fresh = []
            for row in (item for item in batch if isinstance(item, Row)):
                # The category is part of it: a new way to sort articles sorts them anew.
                digest = catalogue.fingerprint(row, _stamp(row, images) + _category(row))
                if known.get(row.id) == digest:
                    report.unchanged += 1
                else:
                    fresh.append((row, digest))
            loaded = list(pool.map(lambda job: _prepare(site, images, *job), fresh))
            report.problems += [item for item in loaded if isinstance(item, Problem)]
            ready = [item for item in loaded if isinstance(item, _Ready)]
            if ready:
                _save(site, ready)
            for item in ready:
                report.changed += item.row.id in known
                report.added += item.row.id not in known
    report.problems.sort(key=lambda problem: problem.line)
    # Not before all pictures are embedded: cameras start anew with the gallery as it is then.
    embedded = _embed_missing(site, embedding)
    if report.added or report.changed or embedded:
        _announce(site, now, added=report.added, changed=report.changed, embedded=embedded)
    return report


def _announce(site: Site, now: float, **counts: int) -> None:
    with site.store.write() as session:
        journal.append(session, now, "catalogue.changed", "", counts)


def _category(row: Row) -> str:
    texts = row.texts
    return category_of(
        texts.get("product_type", ""), texts.get("google_product_category", ""), row.title
    )


def _stamp(row: Row, images: Path) -> str:
    """Digest the size and date of a row's local pictures: a new picture is a change."""
    stamps = []
    for link in row.pictures:
        try:
            stat = (images / link).stat()
            stamps.append((stat.st_size, stat.st_mtime_ns))
        except OSError:
            stamps.append((0, 0))
    return repr(stamps)


def _prepare(site: Site, images: Path, row: Row, digest: str) -> _Ready | Problem:
    loaded = []
    for number, link in enumerate(row.pictures[: 1 + _EXTRA_PICTURES]):
        try:
            loaded.append(_load_picture(site, images, link))
        except StoreError as error:
            column = "image_link" if number == 0 else "additional_image_link"
            return Problem(row.line, column, str(error))
    return _Ready(row, digest, tuple(loaded))


def _load_picture(site: Site, images: Path, link: str) -> PictureFile:
    data = _fetch(link) if "://" in link else _read(images, link)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if decoded is None:
        raise StoreError(f"{link!r} is no picture that can be decoded (JPEG, PNG or WebP).")
    image = np.asarray(decoded, np.uint8)
    return PictureFile(link, _keep(site, data, image), dominant_lab(image))


def _read(images: Path, link: str) -> bytes:
    path = (images / link).resolve()
    if not path.is_relative_to(images.resolve()):
        raise StoreError(f"{link!r} leads out of {images}.")
    try:
        if path.stat().st_size > _LARGEST_PICTURE:
            raise StoreError(f"{link!r} is larger than 20 MB.")
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{link!r} cannot be read below {images} ({error.strerror}).") from error


def _fetch(link: str) -> bytes:
    if not link.startswith(("http://", "https://")):
        raise StoreError(f"{link!r}: only http and https addresses are fetched.")
    try:
        with urllib.request.urlopen(link, timeout=10) as answer:
            data: bytes = answer.read(_LARGEST_PICTURE + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise StoreError(f"{link!r} cannot be fetched ({error}).") from error
    if len(data) > _LARGEST_PICTURE:
        raise StoreError(f"{link!r} is larger than 20 MB.")
    return data


def _keep(site: Site, data: bytes, image: Image) -> str:
    """Keep a picture in the site under its hash; very large ones are scaled down."""
    if max(image.shape[:2]) > _LONGEST_SIDE:
        scale = _LONGEST_SIDE / max(image.shape[:2])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    kinds = {b"\x89PNG": "png", b"RIFF": "webp", b"\xff\xd8\xff\xe0": "jpg"}
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.{kinds.get(data[:4], 'jpg')}"
    path = site.pictures / name[:2] / name
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Two rows may bring the same picture at the same time.
            fresh = path.with_name(f"{name}.{os.getpid()}-{threading.get_ident()}.new")
            fresh.write_bytes(data)
            os.replace(fresh, path)
        except OSError as error:
            raise StoreError(f"{path}: cannot be written ({error.strerror}).") from error
    return f"{name[:2]}/{name}"


def _save(site: Site, ready: Sequence[_Ready]) -> None:
    with site.store.write() as session:
        for item in ready:
            catalogue.save_row(session, item.row, _category(item.row), item.pictures, item.digest)


def index(site: Site, now: float, embedding: Embedding = lambda pictures: pictures) -> int:
    """Embed every picture that the current weights have not seen; returns how many.

    Args:
        site: The site.
        now: Seconds since the epoch, for the journal.
        embedding: Wraps the pictures, to show how far it is.

    Raises:
        StoreError: A picture is gone from the site.
    """
    embedded = _embed_missing(site, embedding)
    if embedded:
        _announce(site, now, embedded=embedded)
    return embedded


def _embed_missing(site: Site, embedding: Embedding) -> int:
    embedder = Embedder(threads=os.cpu_count() or 1)
    with site.store.read() as session:
        missing = catalogue.pictures_without_vector(session, embedder.model)
    if not missing:
        return 0
    shots = (_shot(site, picture) for picture in embedding(missing))
    pairs = zip((picture.id for picture in missing), embed_articles(embedder, shots), strict=True)
    while batch := dict(islice(pairs, _BATCH)):
        with site.store.write() as session:
            catalogue.save_vectors(session, embedder.model, batch)
    return len(missing)


def _shot(site: Site, picture: Unembedded) -> Shot:
    image = cv2.imread(str(site.pictures / picture.file))
    if image is None:
        raise StoreError(
            f"{site.pictures / picture.file}: gone or damaged. Remove what is "
            "left of it, save the feed's picture anew, and import the feed again."
        )
    return Shot(np.asarray(image, np.uint8), picture.category)
