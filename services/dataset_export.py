"""Export what a site's detector found where it is in doubt, for people to correct.

Without consent, boxes alone. Pictures come only from masked video that was recorded with consent
(`fittingroom record --video`), and only if the setting `privacy.training_pictures` allows it; heads
are pixelated, and the data set deletes itself.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from calibration import Camera
from common.site import SiteFolder
from models.coco import BoxedPicture, write_coco
from models.corrections import FOUND, IMAGES, picture_name
from models.detectors.protocol import ObjectDetector
from models.errors import ModelError
from models.taxonomy import DETECTOR_CLASSES
from services.datasets import Dataset, check_new_dataset, datasets_folder, save_record
from services.site_models import load_site_detector
from vision.doubt import Seen, choose_doubtful, measure_doubt, see, see_recorded
from vision.film import Film, films
from vision.frame import Frame
from vision.mask import PrivacyMask
from vision.pixelate import pixelate
from vision.recording import SUFFIX, Recording
from vision.sources.recorded import at_most, read_file

#: A head's share of its person's box, from the top.
_HEAD = 1 / 6
_DAY_S = 86400.0


@dataclass(frozen=True)
class Choice:
    """How many pictures are exported at most, and how far apart they are at least, in seconds."""

    count: int
    apart_s: float


def export_dataset(
    site: SiteFolder, camera: Camera, clip: Path, name: str, choice: Choice, now: float
) -> tuple[Dataset, Path, int]:
    """Write a data set of what was found in a clip: pictures where the detector is in doubt.

    A recording of detections gives boxes alone, a film pictures as well.

    Args:
        site: The site.
        camera: The camera of the clip.
        clip: A recording of detections, or a film with consent.
        name: The data set's name.
        choice: Of the pictures.
        now: Seconds since the epoch.

    Returns:
        The record, the folder, and how many pictures there are.

    Raises:
        ModelError: The name is taken, pictures are not allowed, or nothing is in doubt.
        VisionError: The clip cannot be read.
    """
    check_new_dataset(site, name)
    if clip.name.endswith(SUFFIX):
        record = Dataset(name, camera.name, clip.name, False, "", "", now, None)
        return record, *_write(site, record, _recorded(clip, choice))
    film = _allowed_film(site, clip)
    days = site.settings.privacy.training_days
    expires = now + days * _DAY_S
    record = Dataset(name, camera.name, clip.name, True, film.consent, film.by, now, expires)
    return record, *_write(site, record, _filmed(site, camera, clip, choice))


def _allowed_film(site: SiteFolder, clip: Path) -> Film:
    """Return the record of a film that pictures may be taken out of."""
    if not site.settings.privacy.training_pictures:
        raise ModelError(
            "Pictures are not kept here: the setting privacy.training_pictures is false. Export a "
            f"recording of detections (*{SUFFIX}) instead, which holds boxes alone."
        )
    known = {path.resolve(): film for path, film in films(site.recordings)}
    film = known.get(clip.resolve())
    if film is None:
        raise ModelError(
            f"{clip}: is no film with a record of consent in {site.recordings}. Record one with: "
            "fittingroom record CAMERA --video --consent TEXT --by NAME."
        )
    return film


def _recorded(clip: Path, choice: Choice) -> list[tuple[BoxedPicture, None]]:
    recording = Recording(clip)
    head = recording.header
    seen = list(see_recorded(recording))
    stem = clip.name.removesuffix(SUFFIX)
    return [
        (_boxed(stem, seen[number], head.classes, head.width, head.height), None)
        for number in _choose(seen, choice)
    ]


def _filmed(
    site: SiteFolder, camera: Camera, clip: Path, choice: Choice
) -> Iterator[tuple[BoxedPicture, Frame]]:
    """Find the doubtful frames of a film, then read them again: a film is larger than memory."""
    detector = load_site_detector(site)
    seen = list(see(detector, _frames(site, camera, clip)))
    chosen = {seen[number].time: seen[number] for number in _choose(seen, choice)}
    for frame in _frames(site, camera, clip):
        if (one := chosen.get(frame.time)) is not None:
            height, width = frame.image.shape[:2]
            yield _boxed(clip.stem, one, detector.classes, width, height), _hide(detector, frame)


def _frames(site: SiteFolder, camera: Camera, clip: Path) -> Iterator[Frame]:
    mask = PrivacyMask(camera)
    for frame in at_most(read_file(str(clip), camera.name), site.settings.vision.frames_per_second):
        yield mask.apply(frame)


def _choose(seen: Sequence[Seen], choice: Choice) -> list[int]:
    times = [one.time for one in seen]
    return choose_doubtful(times, measure_doubt(seen), choice.count, choice.apart_s)


def _hide(detector: ObjectDetector, frame: Frame) -> Frame:
    """Pixelate the heads of everybody who may be in a picture."""
    found = detector.detect(frame.image, 0.25)
    people = found.boxes[found.classes == 0]
    heads = people.copy()
    heads[:, 3] = people[:, 1] + _HEAD * (people[:, 3] - people[:, 1])
    return Frame(frame.camera, frame.time, pixelate(frame.image, list(heads)))


def _boxed(clip: str, seen: Seen, classes: Sequence[str], width: int, height: int) -> BoxedPicture:
    """Return the accepted boxes of a frame, in our classes."""
    rows = np.flatnonzero(seen.accepted)
    ours = [DETECTOR_CLASSES.index(classes[int(seen.classes[row])]) for row in rows]
    return BoxedPicture(
        picture_name(clip, seen.time),
        width,
        height,
        seen.boxes[rows],
        np.array(ours, np.int64),
        seen.scores[rows],
    )


def _write(
    site: SiteFolder,
    record: Dataset,
    pictures: Sequence[tuple[BoxedPicture, None]] | Iterator[tuple[BoxedPicture, Frame]],
) -> tuple[Path, int]:
    """Write a data set, whole or not at all."""
    parent = datasets_folder(site)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".new-") as made:
            fresh = Path(made) / record.name
            (fresh / FOUND).parent.mkdir(parents=True)
            (fresh / IMAGES).mkdir()
            boxed = []
            for one, frame in pictures:
                boxed.append(one)
                if frame is not None:
                    cv2.imwrite(str(fresh / IMAGES / one.file), frame.image)
            if not boxed:
                raise ModelError(
                    f"{record.clip}: the detector is in doubt nowhere; nothing is exported."
                )
            write_coco(fresh / FOUND, boxed, {"description": f"{record.camera}: {record.clip}"})
            save_record(fresh, record)
            os.replace(fresh, parent / record.name)
    except OSError as error:
        raise ModelError(f"{parent}: cannot be written ({error.strerror}).") from error
    return parent / record.name, len(boxed)
