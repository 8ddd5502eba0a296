"""Import a feed: rows, pictures and colours, then embeddings, batch by batch.

A batch is one transaction and each row a savepoint in it. So an interrupted import resumes where
it stopped, and a row that cannot be saved does not affect others: unchanged rows and embedded
pictures are skipped.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from common.tables import Problem
from models.taxonomy import category_of
from services.catalogue.download import Limits, PictureError
from services.catalogue.feed import read_feed
from services.catalogue.indexing import Embedding, announce, embed_missing, list_poor
from services.catalogue.pictures import VERSION, Source, allow_large_headers, load_picture
from services.catalogue.report import ImportReport, why_nothing_goes, why_too_short
from store import Session, Site, StoreError, saving
from store.errors import DATABASE_DOWN
from store.rows import Row
from store.saving import PictureFile, Plan

log = logging.getLogger("fittingroom.catalogue")

_BATCH = 64
_EXTRA_PICTURES = 4

Progress = Callable[[Iterable[Row | Problem], int], Iterable[Row | Problem]]


@dataclass(frozen=True)
class _Ready:
    row: Row
    digest: str
    pictures: tuple[PictureFile, ...]


@dataclass
class _Import:
    """One import as it runs."""

    site: Site
    source: Source
    plan: Plan
    known: dict[str, str]
    quantities: dict[str, int | None]
    report: ImportReport


def import_feed(
    site: Site,
    feed: Path,
    images: Path,
    now: float,
    progress: Progress = lambda rows, _total: rows,
    embedding: Embedding = lambda pictures: pictures,
    *,
    partial: bool = False,
    allow_removals: bool = False,
) -> ImportReport:
    """Import a product feed.

    A feed is complete unless `partial` is set: articles that it no longer lists are then out of
    stock, if at least half of its rows could be used (`services.catalogue.report`).

    Args:
        site: The site.
        feed: Any that `services.catalogue.feed.read_feed` reads.
        images: Folder that relative `image_link` paths start from.
        now: Seconds since the epoch, for the journal.
        progress: Wraps rows and their number, to show progress.
        embedding: The same for pictures, which are embedded after all rows.
        partial: The feed lists only some articles, such as those that changed.
        allow_removals: The feed is complete, however many articles it no longer lists.

    Returns:
        Counts, a problem for every row that was skipped, and what was left out of others.

    Raises:
        StoreError: The feed cannot be read at all, or the site cannot be written.
    """
    allow_large_headers()
    settings = site.settings.catalogue
    total, named, places = _read_places(feed, settings.currency)
    with site.store.read() as session:
        known = saving.known_fingerprints(session)
        quantities = saving.known_quantities(session)
    source = Source(images, Limits(private_hosts=settings.private_hosts))
    running = _Import(site, source, Plan(places, not partial), known, quantities, ImportReport())
    rows = iter(progress(read_feed(feed, settings.currency), total))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while batch := list(islice(rows, _BATCH)):
            _import_batch(running, batch, pool)
    report = running.report
    report.sort()
    report.kept_because = "the feed is partial" if partial else why_nothing_goes(report)
    if not report.kept_because:
        with site.store.write() as session:
            short = why_too_short(*saving.count_unlisted(session, named))
            if short and not allow_removals:
                report.kept_because, report.shrunk = short, True
            else:
                report.removed = saving.take_out_of_stock(session, named)
    # Only after all pictures are embedded: cameras restart with the new gallery.
    embedded = embed_missing(site, embedding)
    report.poor, report.cut_out = list_poor(site)
    if report.added or report.changed or report.removed or embedded:
        counts = {"added": report.added, "changed": report.changed, "removed": report.removed}
        announce(site, now, **counts, embedded=embedded)
    return report


def _read_places(feed: Path, currency: str) -> tuple[int, set[str], dict[str, tuple[str, str]]]:
    """Read a feed once without its pictures.

    Returns:
        How many rows it has, the ids it names, and where those that are usable belong: group and
        colour by id.
    """
    total, named = 0, set[str]()
    places: dict[str, tuple[str, str]] = {}
    for item in read_feed(feed, currency):
        total += 1
        named.add(item.id)
        if isinstance(item, Row):
            places[item.id] = saving.place_of(item)
    return total, named, places


def _import_batch(
    running: _Import, batch: Sequence[Row | Problem], pool: ThreadPoolExecutor
) -> None:
    report = running.report
    fresh: list[tuple[Row, str]] = []
    counted: dict[str, int | None] = {}
    for item in batch:
        if isinstance(item, Problem):
            report.problems.append(item)
            continue
        report.notes += item.notes
        # The category is part of it: a new way to sort articles sorts them again.
        extra = _stamp(item, running.source.folder) + _category(item) + VERSION
        digest = saving.fingerprint(item, extra)
        if running.known.get(item.id) == digest:
            if running.quantities.get(item.id, item.quantity) != item.quantity:
                counted[item.id] = item.quantity
            else:
                report.unchanged += 1
        else:
            fresh.append((item, digest))
    if counted:  # the pictures are the same: nothing else is read again
        with running.site.store.write() as session:
            saving.save_quantities(session, counted)
        report.changed += len(counted)
    loaded = _load_all(running, [row for row, _ in fresh], pool)
    ready: list[_Ready] = []
    for row, digest in fresh:
        pictures = _pictures_of(row, loaded, report)
        if pictures:
            ready.append(_Ready(row, digest, pictures))
    if not ready:
        return
    failed: list[Problem] = []
    _save(running.site, ready, running.plan, failed)
    report.problems += failed
    lost = {problem.line for problem in failed}
    for saved in (item.row for item in ready if item.row.line not in lost):
        report.changed += saved.id in running.known
        report.added += saved.id not in running.known


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


def _load_all(
    running: _Import, rows: Sequence[Row], pool: ThreadPoolExecutor
) -> dict[str, PictureFile | PictureError]:
    """Load the pictures of some rows, each once: the sizes of an article share theirs."""
    links = dict.fromkeys(link for row in rows for link in row.pictures[: 1 + _EXTRA_PICTURES])

    def load(link: str) -> PictureFile | PictureError:
        try:
            return load_picture(running.site, running.source, link)
        except PictureError as error:
            return error
        except StoreError:
            raise  # the site itself cannot be written
        except Exception as error:  # whatever a picture holds, it ends no import
            log.exception("%r cannot be read", link)
            return PictureError(f"{link!r} cannot be read ({error}).", "picture damaged")

    return dict(zip(links, pool.map(load, links), strict=True))


def _pictures_of(
    row: Row, loaded: dict[str, PictureFile | PictureError], report: ImportReport
) -> tuple[PictureFile, ...]:
    """Collect a row's pictures; without any the row is skipped.

    A picture that cannot be used costs only itself: the next one takes the main one's place.
    """
    usable: list[PictureFile] = []
    faults: list[Problem] = []
    for number, link in enumerate(row.pictures[: 1 + _EXTRA_PICTURES]):
        found = loaded[link]
        if isinstance(found, PictureFile):
            usable.append(found)
        else:
            column = "image_link" if number == 0 else "additional_image_link"
            faults.append(Problem(row.line, column, str(found), found.kind, row.id))
    if usable:
        report.notes += faults
    else:
        report.problems.append(faults[0])
    return tuple(usable)


def _save(site: Site, ready: Sequence[_Ready], plan: Plan, failed: list[Problem]) -> None:
    """Save rows, each in a savepoint; those that cannot be saved are added to `failed`."""
    with site.store.write() as session:
        for item in ready:
            problem = _save_one(session, item, plan)
            if problem is not None:
                failed.append(problem)


def _save_one(session: Session, item: _Ready, plan: Plan) -> Problem | None:
    row = item.row
    try:
        with session.begin_nested():
            saving.save_row(session, row, _category(row), item.pictures, item.digest, plan)
    except DATABASE_DOWN:
        raise  # the database itself: full, locked, gone
    except Exception as error:  # whatever a row holds, it ends no import
        reason = f"cannot be saved ({_first_line(error)})."
        return Problem(row.line, "row", reason, "row cannot be saved", row.id)
    return None


def _first_line(error: Exception) -> str:
    inner = getattr(error, "orig", None) or error
    return str(inner).strip().split("\n")[0][:200]
