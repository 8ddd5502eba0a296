"""The demo's site: a synthetic shop, and a camera that plays a rendered clip."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from calibration import Camera, parse_camera, save_camera
from services.catalogue.importing import import_feed
from services.demo.shop import make_shop
from services.outfits.lookbook import compose_book, import_look_book
from services.outfits.stylist import ShopStylist
from store import Site, claims, init_site, visits
from vision.sources.recorded import read_file

CAMERA = "entrance"
ROOM = "1"
_LOOKS = 12
Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]


def _camera(site: Path, clip: Path, gate: dict[str, Any]) -> Camera:
    line = {"name": "gate", "rooms": [ROOM], **gate}
    data = {"name": CAMERA, "source": str(clip), "loop": True, "gate": [line]}
    first = next(read_file(str(site / clip), CAMERA))
    height, width = first.image.shape[:2]
    # All people in the clip are drawn.
    return parse_camera(data, "demo").confirm_masks("the demo", "2026-01-01", width, height)


def prepare_demo(folder: Path, progress: Progress) -> Site:
    """Create the demo's site; files and articles of an earlier run are kept.

    Raises:
        StoreError: The folder cannot be written.
    """
    site = _without_doors(init_site(folder, "Maison Demo"))
    shop = make_shop(folder / "shop", progress)
    report = import_feed(
        site,
        shop.feed,
        shop.images,
        time.time(),
        embedding=lambda missing: progress(missing, len(missing), "embedding articles"),
    )
    for problem in report.problems:
        raise AssertionError(f"the demo's own feed has an error: {problem}")
    import_look_book(site, shop.looks, time.time())
    compose_book(site, ShopStylist(site), time.time(), _LOOKS)
    _empty_rooms(site)
    clip = Path("shop") / shop.clip.name
    save_camera(site.folder, _camera(site.folder, clip, shop.truth["gate"]))
    return site


def _without_doors(site: Site) -> Site:
    """Disable authentication: the demo listens on this machine only."""
    web = site.settings.web.model_copy(update={"open": True})
    return replace(site, settings=site.settings.model_copy(update={"web": web}))


def _empty_rooms(site: Site) -> None:
    """End visits that an earlier run left open."""
    with site.store.write() as session:
        visits.close_quiet_visits(session, visits.last_changes(session), time.time())
        claims.close_unclaimed(session, claims.last_changes(session), time.time())
