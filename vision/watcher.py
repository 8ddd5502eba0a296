"""A camera at work: its live source through the pipeline into the journal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from calibration import Camera, CameraError, load_camera
from calibration.address import is_address, join_source
from calibration.credentials import load_credentials
from models import Detector, Embedder
from store import Site, StoreError, crossings, journal
from store.catalogue import load_gallery
from vision.clock import Clocks
from vision.drift import DriftWatch
from vision.frame import Frame
from vision.mask import Blanker
from vision.match import Matcher
from vision.pipeline import Crossing, Pipeline
from vision.source import LiveSource, State, is_live

log = logging.getLogger("fittingroom.watch")

#: What staff are told about a camera that is not as it was calibrated.
_ADVICE = {
    "black": "The picture is black. Check the lens cover and the light.",
    "covered": "Something covers the camera. Clear its view.",
    "blurred": "The picture is blurred. Clean the lens or set its focus.",
    "colour": "The colours are off. Check the light and the camera's white balance.",
    "frozen": "The picture stands still. Restart the camera.",
    "moved": "The camera has been moved, and is not used until it looks where it did. Turn it "
    "back, or calibrate it anew.",
    "reshaped": "The picture has another shape than was calibrated, and is not used. Set the "
    "camera's resolution back, or calibrate it anew.",
    "unconfirmed": "Nobody has confirmed its masks yet, and it is not used before. Open its "
    "calibration and look at the masked picture.",
}
#: What a camera is not used in: its masks would not cover what they should.
_CLOSED = ("moved", "reshaped", "unconfirmed")


def build_matcher(site: Site, threads: int | None = None) -> Matcher:
    """Load the embedder and the shop's gallery.

    Raises:
        StoreError: The database is missing or its pictures need another embedding.
        ModelError: The weights do not fit their manifest.
    """
    embedder = Embedder(threads=threads or site.settings.vision.threads)
    with site.store.read() as session:
        gallery = load_gallery(session, embedder.model, embedder.entry.cells)
    return Matcher(embedder, gallery, site.settings.matching.caution)


def record(site: Site, crossing: Crossing, session_key: str, prefix: str = "") -> bool:
    """Write a crossing to the journal, once; False where it stood there already.

    Args:
        site: The shop.
        crossing: What happened.
        session_key: Names the source and the run that saw it.
        prefix: Of the key under which the journal holds it.
    """
    key = (
        f"{prefix}{crossing.camera}/{session_key}/{crossing.person}/{crossing.gate}/"
        f"{crossing.event}/{crossing.time:.2f}"
    )
    with site.store.write() as session:
        return (
            crossings.record_crossing(
                session, crossing.time, crossing.room, crossing.event, crossing.as_json(), key
            )
            is not None
        )


def source_of(site: Site, camera: Camera) -> str:
    """Return what a camera is opened by: its credentials put in, a file looked for in the site.

    The address is for OpenCV alone; `common.redact` masks it before it is shown.

    Raises:
        CameraError: The camera is disabled, or its credentials cannot be read.
    """
    if not camera.enabled:
        raise CameraError(
            f"{camera.name} is disabled; enable it under Cameras, or run: "
            f"fittingroom camera enable {camera.name}"
        )
    source = camera.source
    if is_address(source):
        return join_source(source, load_credentials(site.folder, camera.name), camera.name)
    if is_live(source) or Path(source).is_absolute():
        return source
    return str(site.folder / source)


def report_state(site: Site, camera: str, state: str, problem: str, now: float) -> None:
    """Tell the journal that a camera changed its state, unless it stands there already."""
    payload = {"camera": camera, "state": state, "problem": problem}
    with site.store.write() as session:
        if journal.camera_states(session).get(camera) != payload:
            journal.append(session, now, "camera.state", "", payload)


def report_unconfirmed(site: Site, camera: str, now: float) -> None:
    """Tell the journal that a camera waits for somebody to confirm its masks."""
    report_state(site, camera, "unconfirmed", _ADVICE["unconfirmed"], now)


class Watcher:
    """Watches one camera until stopped or until its source ends."""

    def __init__(self, site: Site, camera: Camera, clocks: Clocks | None = None) -> None:
        """Load models and gallery.

        Args:
            site: The shop.
            camera: The camera; its masks must be confirmed.
            clocks: This process's, if not the machine's.

        Raises:
            CameraError: Nobody has confirmed the camera's masks; staff are told.
            StoreError: The site cannot serve, or articles are not embedded; staff are told.
            ModelError: The weights do not fit their manifest.
        """
        clocks = clocks or Clocks()
        if not camera.masks_confirmed:
            report_unconfirmed(site, camera.name, clocks.wall())
            raise CameraError(
                f"{camera.name}: nobody has confirmed its masks. Look at the masked picture on "
                f"/calibrate/{camera.name}, or run: fittingroom calibrate confirm {camera.name}"
            )
        self._site, self._camera, self._clocks = site, camera, clocks
        self._detector = Detector(threads=site.settings.vision.threads)
        try:
            self._matcher = build_matcher(site)
        except StoreError as error:
            report_state(site, camera.name, "waiting", str(error), clocks.wall())
            raise
        path = source_of(site, camera)
        self._source = LiveSource(path, camera.name, camera.loop, clocks.steady)
        self._blanker = Blanker(camera)
        with site.store.read() as session:
            before = journal.camera_states(session).get(camera.name, {})
        self._drift = DriftWatch(
            site.folder, camera.name, is_live(path), before.get("state") == "moved"
        )
        self._told = State.CONNECTING.value

    def run(self, on_crossing: Callable[[Crossing], None] | None = None) -> str:
        """Watch; returns the source's last problem, empty if it ended well.

        Args:
            on_crossing: Also told of every crossing written.
        """
        rate = self._site.settings.vision.frames_per_second
        pipeline, played = self._pipeline(rate), 0
        started = f"{self._clocks.wall():.0f}"
        self._source.start()
        try:
            for item in self._source.frames(rate):
                if isinstance(item, State):
                    self._tell(item.value, self._source.problem)
                    continue
                problem = self._problem(item)
                # After a loss, pictures must keep coming before it counts as running again.
                status = self._source.status
                self._tell(
                    problem or status.state.value, _ADVICE.get(problem, "") or status.problem
                )
                if problem in _CLOSED:
                    # Its masks and gates are elsewhere now: nobody is looked at.
                    if problem == "moved":
                        frame = self._blanker.blank(item)
                        self._drift.look(frame)
                        self._drift.look_at_empty(frame)
                    pipeline = self._pipeline(rate)
                    continue
                if self._source.session != played:  # a new session starts with a clean slate
                    self._write(pipeline.finish(), f"{started}.{played}", on_crossing)
                    pipeline, played = self._pipeline(rate), self._source.session
                self._write(pipeline.process(item), f"{started}.{played}", on_crossing)
            self._write(pipeline.finish(), f"{started}.{played}", on_crossing)
        finally:
            self._source.stop()
        return self._source.problem

    def stop(self) -> None:
        """Stop `run` from another thread or a signal handler."""
        self._source.stop()

    def _pipeline(self, rate: float) -> Pipeline:
        pipeline = Pipeline(self._camera, self._detector, self._matcher, rate)
        pipeline.looker.on_frame = self._drift.look
        pipeline.looker.on_empty = self._drift.look_at_empty
        return pipeline

    def _problem(self, frame: Frame) -> str:
        height, width = frame.image.shape[:2]
        return self._drift.problem if self._camera.fits(width, height) else "reshaped"

    def _tell(self, state: str, problem: str) -> None:
        """Tell the journal of a change."""
        if state == self._told:
            return
        self._told = state
        log.info("camera %s: %s %s", self._camera.name, state, problem)
        report_state(self._site, self._camera.name, state, problem, self._clocks.wall())

    def _write(
        self, crossings: list[Crossing], key: str, on_crossing: Callable[[Crossing], None] | None
    ) -> None:
        for seen in crossings:
            # The source's clock is steady; the journal's is the wall's.
            crossing = replace(seen, time=self._clocks.wall_at(seen.time))
            if record(self._site, crossing, key) and on_crossing is not None:
                on_crossing(crossing)


def watch(site: Site, name: str) -> Watcher:
    """Prepare to watch a camera of the site by its name.

    Raises:
        CameraError: There is no such camera, or its file is wrong.
    """
    return Watcher(site, load_camera(site.folder, name))
