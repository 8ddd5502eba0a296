"""Article pictures: validate before decoding, and store in a form that every browser shows.

Whatever a feed brings (transparent, animated, rotated, in print colours, 16 bits deep) becomes
an upright sRGB picture on white. JPEG, PNG and WebP files that are that already are kept as they
are; others are written as JPEG.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from common.files import write_whole
from common.image import Image
from models.colour import dominant_lab
from models.simulation.cutout import MOST_PIXELS
from services.catalogue.download import Limits, PictureError, download
from services.catalogue.renditions import save_renditions
from store import Site, StoreError
from store.saving import PictureFile

#: Changes when pictures are processed differently, so that the next import reads all of them again.
VERSION: Final = "2"
_LARGEST_BYTES: Final = 20 * 1024 * 1024
_LONGEST_SIDE: Final = 1400
_SHORTEST_SIDE: Final = 32
_LONGEST_SHAPE: Final = 8.0
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_NONE: Final = "no picture of an article"
_LARGE: Final = "picture too large"
_SUFFIXES: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_PAGE: Final = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)", re.I | re.S)
_DRAWING: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!doctype svg[^>]*>\s*)*<svg\b", re.I | re.S
)
_HEIC: Final = re.compile(rb"....ftyp(?:heic|heix|hevc|heim|heis|mif1|msf1)", re.S)


@dataclass(frozen=True)
class Source:
    """Where pictures come from.

    Attributes:
        folder: What paths start from.
        limits: Of downloads.
    """

    folder: Path
    limits: Limits


def allow_large_headers() -> None:
    """Silence Pillow's own warning of large pictures: `MOST_PIXELS` is lower and refuses them."""
    warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)


def load_picture(site: Site, source: Source, link: str) -> PictureFile:
    """Read a picture, validate it, and store it in the site.

    Raises:
        PictureError: It cannot be read or is no picture of an article; the message says why.
    """
    data = fetch_picture(source, link)
    image, kept, suffix = render(data, link)
    lab = dominant_lab(image)
    if not np.isfinite(lab).all():
        raise PictureError(f"{link!r} shows nothing that has a colour.", _NONE)
    file = _keep(site, kept, suffix)
    save_renditions(site, file, image)
    return PictureFile(link, file, lab)


def fetch_picture(source: Source, link: str) -> bytes:
    """Read the bytes of a picture from its address or path.

    Raises:
        PictureError: It is not there, too large, or not reached.
    """
    if link.startswith("//"):
        link = f"https:{link}"
    if "://" in link:
        return download(link, source.limits)
    path = (source.folder / link).resolve()
    if not path.is_relative_to(source.folder.resolve()):
        raise PictureError(f"{link!r} leads out of {source.folder}.", "picture not found")
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for without end
            raise PictureError(f"{link!r} is no file.", "picture not found")
        if path.stat().st_size > _LARGEST_BYTES:
            raise PictureError(f"{link!r} is larger than {_LARGEST_BYTES >> 20} MB.", _LARGE)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise PictureError(
            f"{link!r} cannot be read below {source.folder} ({reason}).", "picture not found"
        ) from error


def render(data: bytes, link: str) -> tuple[Image, bytes, str]:
    """Decode a picture as people see it.

    Returns:
        uint8 H×W×3 BGR, upright, on white, its longer side 1400 pixels at most; the bytes to keep
        of it, and their file's suffix.

    Raises:
        PictureError: It is no picture, damaged, or of a shape that no article's picture has.
    """
    _refuse_other_files(data, link)
    try:
        with Pillow.open(io.BytesIO(data), formats=_FORMATS) as picture:
            _check_shape(picture, link)
            name = picture.format or ""
            as_it_is = _is_plain(picture)
            shown = _as_shown(picture)
    except PictureError:
        raise
    except Pillow.DecompressionBombError as error:
        raise _too_many_pixels(link) from error
    except (UnidentifiedImageError, ImportError) as error:
        # Where a process has loaded Ultralytics, Pillow's `open` is replaced by one that looks for
        # a HEIF plug-in before it gives up.
        raise PictureError(
            f"{link!r} is no picture (JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP).", _NONE
        ) from error
    except Exception as error:  # decoders raise anything on damaged files
        raise PictureError(
            f"{link!r} is damaged or not whole ({error}).", "picture damaged"
        ) from error
    image = np.ascontiguousarray(np.asarray(shown, np.uint8)[:, :, ::-1])
    if as_it_is:
        return image, data, _SUFFIXES[name]
    written = io.BytesIO()
    shown.save(written, "JPEG", quality=92)
    return image, written.getvalue(), "jpg"


def _refuse_other_files(data: bytes, link: str) -> None:
    start = data[:4096]
    if not data:
        raise PictureError(f"{link!r} is empty.", _NONE)
    if _DRAWING.match(start):
        raise PictureError(f"{link!r} is an SVG drawing; save it as JPEG or PNG.", _NONE)
    if _PAGE.match(start):
        raise PictureError(
            f"{link!r} is an HTML page and no picture; its address may be wrong.", _NONE
        )
    if _HEIC.match(start):
        raise PictureError(f"{link!r} is a HEIC picture; save it as JPEG.", _NONE)


def _too_many_pixels(link: str, size: tuple[int, int] | None = None) -> PictureError:
    shown = f"{size[0]}×{size[1]}" if size else "too many"
    return PictureError(
        f"{link!r} has {shown} pixels; {MOST_PIXELS // 1_000_000} million at most are read.", _LARGE
    )


def _check_shape(picture: Pillow.Image, link: str) -> None:
    """Reject by the header alone what must not be decoded or shows no article."""
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _too_many_pixels(link, picture.size)
    if min(width, height) < _SHORTEST_SIDE:
        raise PictureError(
            f"{link!r} has {width}×{height} pixels; {_SHORTEST_SIDE} a side are the least.",
            "picture too small",
        )
    if max(width, height) > _LONGEST_SHAPE * min(width, height):
        raise PictureError(
            f"{link!r} is a strip of {width}×{height} pixels and shows no article.", _NONE
        )


def _is_plain(picture: Pillow.Image) -> bool:
    """Check whether browsers and models show a file the same without any change."""
    return (
        picture.format in _SUFFIXES
        and picture.mode in ("RGB", "L")
        and max(picture.size) <= _LONGEST_SIDE
        and getattr(picture, "n_frames", 1) == 1
        and "transparency" not in picture.info
        and picture.getexif().get(0x0112, 1) == 1
        and not _is_wide(picture.info.get("icc_profile"))
    )


def _is_wide(profile: bytes | None) -> bool:
    return profile is not None and b"sRGB" not in profile and b"s\0R\0G\0B" not in profile


def _as_shown(picture: Pillow.Image) -> Pillow.Image:
    """Decode the first frame: sRGB, upright, on white, scaled down where it is large."""
    picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
    picture.seek(0)
    picture.load()
    profile = picture.info.get("icc_profile")
    shown = ImageOps.exif_transpose(_in_eight_bits(picture))
    if shown.has_transparency_data:
        layer = shown.convert("RGBA")
        if layer.getchannel("A").getextrema()[1] == 0:
            raise ValueError("nothing of it is visible")
        white = Pillow.new("RGBA", layer.size, (255, 255, 255, 255))
        shown = Pillow.alpha_composite(white, layer).convert("RGB")
    shown = _in_srgb(shown, profile)
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Pillow.Resampling.LANCZOS, reducing_gap=3.0)
    return shown


def _in_eight_bits(picture: Pillow.Image) -> Pillow.Image:
    """Scale deeper grey pictures down; Pillow would cut them off at 255."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.asarray(picture).astype(np.float64)
    highest = 65535.0 if picture.mode.startswith("I") else max(float(values.max()), 1e-9)
    if values.max() <= 255:
        highest = 255.0
    return Pillow.fromarray(np.uint8(np.clip(values / highest, 0, 1) * 255 + 0.5))


def _in_srgb(picture: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """Convert from the colours of a profile, or of the mode alone where it does not fit."""
    if _is_wide(profile) and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            return converted if converted is not None else picture.convert("RGB")
        except ImageCms.PyCMSError:
            pass  # a profile for other colours than these: shown as browsers would
    return picture.convert("RGB")


def _keep(site: Site, data: bytes, suffix: str) -> str:
    """Write a picture into the site under its hash; returns its path there."""
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.{suffix}"
    path = site.pictures / name[:2] / name
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)  # two rows may bring the same picture at the same time
        except OSError as error:
            raise StoreError(f"{path}: cannot be written ({error.strerror}).") from error
    return f"{name[:2]}/{name}"
