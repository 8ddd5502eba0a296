"""The privacy record of a site: what is processed and stored, how long, and who can read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import jinja2

from calibration import Camera, list_cameras, load_camera
from common.files import write_whole
from store import Site, StoreError, access
from store.takealong import KEPT_S
from vision.film import MOST_HOURS, films

Language = Literal["en", "de"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "de")
#: The documents; `purpose` is written once per camera.
PAPERS: Final = ("sign", "notice", "purpose", "dpia")


@dataclass(frozen=True)
class CameraRecord:
    """One camera in the privacy record.

    Attributes:
        name: The camera's name.
        rooms: Rooms behind its gates.
        masks: Number of privacy masks.
        masked: Their share of the picture.
        confirmed_by: Who confirmed the masks; None if no one did, and the camera is not used.
        confirmed_at: ISO date and time.
    """

    name: str
    rooms: tuple[str, ...]
    masks: int
    masked: float
    confirmed_by: str | None
    confirmed_at: str | None


@dataclass(frozen=True)
class Kept:
    """Stored data: what, until when, and which roles can read it."""

    what: str
    until: str
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Readers:
    """Who can read what the server shows: roles, and a room's own screen."""

    room: tuple[str, ...]
    visits: tuple[str, ...]
    figures: tuple[str, ...]
    logins: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """The contents of the privacy documents."""

    shop: str
    controller: str
    date: str
    cameras: tuple[CameraRecord, ...]
    kept: tuple[Kept, ...]
    accounts: dict[str, int]
    films: tuple[dict[str, Any], ...]
    keep_days: int
    quiet_minutes: float
    list_days: int
    film_hours: int
    training_days: int | None
    learns: bool
    learns_articles: bool
    webhook: bool
    open_doors: bool

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `fittingroom privacy show` prints."""
        return asdict(self)


def read_record(site: Site, now: float, readers: Readers) -> Record:
    """Build the record from the site's settings, cameras and database.

    Args:
        site: The site.
        now: Seconds since the epoch.
        readers: Who can read what the server shows.

    Raises:
        CameraError: A camera's file is wrong.
        StoreError: The database cannot be opened.
    """
    settings = site.settings
    with site.store.read() as session:
        accounts = [account.role for account in access.accounts(session)]
    cameras = [_camera(load_camera(site.folder, name)) for name in list_cameras(site.folder)]
    there = [film for _, film in films(site.recordings) if film is not None]
    return Record(
        settings.shop.name,
        settings.privacy.controller,
        datetime.fromtimestamp(now).date().isoformat(),
        tuple(cameras),
        _kept(site, readers),
        {role: accounts.count(role) for role in access.ROLES},
        tuple(asdict(film) for film in there),
        settings.privacy.keep_days,
        settings.screen.quiet_minutes,
        round(KEPT_S / 86400),
        round(MOST_HOURS),
        settings.privacy.training_days if settings.privacy.training_pictures else None,
        settings.outfits.learn,
        settings.matching.learn,
        bool(settings.web.webhook),
        settings.web.open,
    )


def _camera(camera: Camera) -> CameraRecord:
    rooms = sorted({room for gate in camera.gates for room in gate.rooms})
    said = camera.confirmed if camera.masks_confirmed else None
    return CameraRecord(
        camera.name,
        tuple(rooms),
        len(camera.masks),
        round(_share(camera), 3),
        said.by if said else None,
        said.date if said else None,
    )


def _share(camera: Camera) -> float:
    """Compute the masked share of the picture, overlaps counted once."""
    import cv2
    import numpy as np

    size = 400
    canvas = np.zeros((size, size), np.uint8)
    for mask in camera.masks:
        cv2.fillPoly(canvas, [np.round(np.array(mask.points) * size).astype(np.int32)], (1,))
    return float(canvas.mean())


def _kept(site: Site, readers: Readers) -> tuple[Kept, ...]:
    days = f"{site.settings.privacy.keep_days} days"
    minutes = site.settings.screen.quiet_minutes
    quiet = f"the visit ends, at the latest after {minutes:g} quiet minutes"
    folder = ("who can read the site's folder",)
    return (
        Kept("camera pictures", "the next picture; never written", ()),
        *_kept_by_learning(site, quiet),
        Kept("a person's box and track id", "they leave the picture; never written", ()),
        Kept("garments in a room, on its screen", quiet, readers.room),
        Kept("visits: room, times, garments, requests", days, readers.visits),
        Kept("which outfits were shown, opened, requested", days, folder),
        Kept("figures of five visits and more", days, (*readers.figures, *_summary_to(site))),
        Kept("events (journal)", days, folder),
        Kept("logins and login attempts: time, account, address", days, readers.logins),
        Kept("list to take along", f"{round(KEPT_S / 86400)} days", ("anybody with its address",)),
        Kept("masked video, with consent", f"{MOST_HOURS:.0f} hours at most", folder),
        *_kept_for_training(site),
        Kept("recordings of detections, no pictures", "somebody deletes them", folder),
    )


def _summary_to(site: Site) -> tuple[str, ...]:
    """Say who is sent the figures of each day."""
    summary = site.settings.summary
    by_mail = ("who is sent the daily summary by e-mail",) if summary.email else ()
    by_hook = ("the program that is sent the daily summary",) if summary.webhook else ()
    return (*by_mail, *by_hook)


def _kept_by_learning(site: Site, quiet: str) -> tuple[Kept, ...]:
    if not site.settings.matching.learn:
        return ()
    folder = ("who can read the site's folder",)
    forgotten = "the article leaves the catalogue, or fittingroom learning undo"
    return (
        Kept("embeddings of garments in a room, no pictures", quiet, folder),
        Kept(
            "embeddings of garments confirmed as an article, without time or room",
            forgotten,
            folder,
        ),
    )


def _kept_for_training(site: Site) -> tuple[Kept, ...]:
    if not site.settings.privacy.training_pictures:
        return ()
    return (
        Kept(
            "pictures out of such video, heads pixelated, to improve detection",
            f"{site.settings.privacy.training_days} days",
            ("who can read the site's folder", "who corrects them"),
        ),
    )


def write_papers(record: Record, language: Language, out: Path) -> list[Path]:
    """Write the sign (short and full notice), a purpose sheet per camera, and the draft DPIA.

    Returns:
        The files: HTML to print or to publish.

    Raises:
        StoreError: They cannot be written.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("services", "papers"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages: dict[str, dict[str, Any]] = {f"{name}.{language}.html": {} for name in PAPERS}
    del pages[f"purpose.{language}.html"]
    for camera in record.cameras:
        pages[f"purpose-{camera.name}.{language}.html"] = {"camera": camera}
    written = []
    for name, more in pages.items():
        template = "purpose" if more else name.split(".")[0]
        text = environment.get_template(f"{template}.{language}.html").render(
            record=record, language=language, **more
        )
        written.append(_write(out / name, text))
    return written


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}).") from error
    return path
