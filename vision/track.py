"""From detections to tracks: two trackers per camera (ByteTrack, Zhang et al. 2022)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker

from vision.detect import Detections
from vision.frame import Frame


@dataclass(frozen=True)
class Tracks:
    """Confirmed tracks in one frame; `tracker_id` is set."""

    frame: Frame
    people: sv.Detections
    garments: sv.Detections
    classes: tuple[str, ...]


class CameraTracker:
    """Tracks people and garments of one camera, each with its own tracker.

    A garment lies inside its carrier's box; one tracker for both would swap their ids.
    """

    def __init__(self, frames_per_second: float) -> None:
        """Start without tracks."""
        self._people = ByteTrackTracker(
            lost_track_buffer=45,
            frame_rate=frames_per_second,
            track_activation_threshold=0.5,
            high_conf_det_threshold=0.5,
            minimum_iou_threshold=0.15,
        )
        self._garments = ByteTrackTracker(
            lost_track_buffer=45,
            frame_rate=frames_per_second,
            track_activation_threshold=0.3,
            high_conf_det_threshold=0.3,
            minimum_iou_threshold=0.1,
        )

    def update(self, detections: Detections) -> Tracks:
        """Process the next frame's detections."""
        time = detections.frame.time
        people = _confirmed(self._people.update(detections.people, timestamp=time))
        garments = _confirmed(self._garments.update(detections.garments, timestamp=time))
        return Tracks(detections.frame, people, garments, detections.classes)


def _confirmed(tracked: sv.Detections) -> sv.Detections:
    ids = tracked.tracker_id
    if ids is None or not len(tracked):
        return sv.Detections.empty()
    kept = tracked[np.asarray(ids) >= 0]
    assert isinstance(kept, sv.Detections)
    return kept
