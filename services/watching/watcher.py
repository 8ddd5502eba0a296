"""The watcher of one camera: from its live source through the pipeline to the journal."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from calibration import Camera, CameraError, load_camera
from calibration.address import is_address, join_source
from calibration.credentials import load_credentials
from calibration.drift import ReferenceFile
from common.crossing import Crossing
from services.learning import fit_camera
from services.site_models import load_site_detector, load_site_embedder
from services.watching.lease import Heartbeat, take_camera
from services.watching.record import Ordinals, record
from services.watching.report import ADVICE, report_failure, report_source, report_unconfirmed
from store import Site, cameras
from store.cameras import Report
from store.catalogue import load_gallery
from store.inventory import load_stock_figures
from vision.clock import Clocks
from vision.drift import DriftMonitor
from vision.frame import Frame
from vision.mask import PrivacyMask
from vision.match import Matcher
from vision.pipeline import Pipeline
from vision.rate import RateMonitor, slow_message
from vision.sources.health import State
from vision.sources.live import LiveSource
from vision.sources.protocol import is_live

log = logging.getLogger("fittingroom.watch")

#: States in which a camera is not used, because its masks would not cover what they should.
_CLOSED = ("moved", "reshaped", "unconfirmed", "black", "covered")
#: A camera may connect for this long before that is reported, and has to run for this long after
#: a crash before `running` is reported.
_CONNECTS_S: Final = 3.0


def build_matcher(
    site: Site, camera: str = "", threads: int | None = None, now: float | None = None
) -> Matcher:
    """Load the embedder, the shop's gallery, its stock, and the correction of a camera.

    Args:
        site: The site.
        camera: The camera's name; without one the probability is not corrected.
        threads: Of the embedder; by the settings if None.
        now: Seconds since the epoch, by which sales and visits are recent; this machine's time
            if None.

    Raises:
        StoreError: The database is missing, or its pictures are not embedded with this model.
        ModelError: The weights do not fit their manifest.
    """
    embedder = load_site_embedder(site, threads)
    with site.store.read() as session:
        gallery = load_gallery(session, embedder.model, embedder.local_shape)
        stock = None
        if site.settings.matching.stock:
            stock = load_stock_figures(session, time.time() if now is None else now)
        recalibration = None
        if camera and site.settings.matching.learn:
            recalibration = fit_camera(session, camera, embedder.model)
    return Matcher(embedder, gallery, site.settings.matching.caution, stock, recalibration)


def source_of(site: Site, camera: Camera) -> str:
    """Return a camera's source for opening: with credentials, and files relative to the site.

    The address is for the decoder only; `common.redact` masks it before it is shown.

    Raises:
        CameraError: The camera is disabled, or its credentials cannot be read.
    """
    if not camera.enabled:
        raise CameraError(
            f"{camera.name} is disabled. Enable it under Cameras, or run: "
            f"fittingroom camera enable {camera.name}"
        )
    source = camera.source
    if is_address(source):
        return join_source(source, load_credentials(site.folder, camera.name), camera.name)
    if is_live(source) or Path(source).is_absolute():
        return source
    return str(site.folder / source)


class Watcher:
    """Processes one camera, as the only process, until stopped or until its source ends."""

    def __init__(self, site: Site, camera: Camera, clocks: Clocks | None = None) -> None:
        """Acquire the camera's lease, load models and gallery.

        Args:
            site: The site.
            camera: The camera; its masks must be confirmed.
            clocks: This process's clocks, if not the machine's.

        Raises:
            CameraError: It is disabled, its masks are not confirmed, which is reported, or
                another process watches it.
            StoreError: The site cannot serve, or articles are not embedded; it is reported.
            ModelError: The weights do not fit their manifest; it is reported.
        """
        clocks = clocks or Clocks()
        if reason := camera.confirmation_problem:
            report_unconfirmed(site, camera, clocks.wall())
            raise CameraError(
                f"{camera.name}: {reason}. Check the masked picture on "
                f"/calibrate/{camera.name}, or run: fittingroom calibrate confirm {camera.name}"
            )
        self._site, self._camera, self._clocks = site, camera, clocks
        self._path = source_of(site, camera)
        self._source = LiveSource(self._path, camera.name, camera.loop, clocks.steady)
        holder = take_camera(site, camera.name, clocks)
        self._heart = Heartbeat(
            site, camera.name, holder, clocks, source=self._source_figures, first=self._first_report
        )
        self._heart.start()
        try:
            self._prepare()
        except Exception as error:
            self._source.stop()
            self._heart.stop()
            report_failure(site, camera.name, error, clocks.wall())
            raise

    def _prepare(self) -> None:
        site, camera = self._site, self._camera
        with site.store.read() as session:
            before = cameras.read_statuses(session)[camera.name]
            moved, self._failed = before.moved, before.state in ("crashed", "hung")
            self._cause_known = before.state == "connecting" and bool(before.cause)

        if is_live(self._path):  # connects meanwhile; a file starts when frames are read
            self._source.start()
        self._detector = load_site_detector(site)
        self._matcher = build_matcher(site, camera.name, now=self._clocks.wall())
        self._mask = PrivacyMask(camera)
        self._ordinals = Ordinals()
        self._drift = DriftMonitor(
            ReferenceFile(site.folder, camera.name), is_live(self._path), moved
        )
        self._reported = ""
        self._frame_rate = RateMonitor()
        self._began = self._clocks.steady()

    def run(self, on_crossing: Callable[[Crossing], None] | None = None) -> str:
        """Process frames; returns the source's last problem, empty if it ended normally.

        Args:
            on_crossing: Also called with every crossing written.

        Raises:
            LeaseLostError: This process hung, and another one watches the camera now.
            StoreError: A crossing cannot be written.
        """
        rate = self._site.settings.vision.frames_per_second
        pipeline, played = self._pipeline(rate), 0
        self._began = self._clocks.steady()
        try:
            if not is_live(self._path):
                self._source.start()
            for item in self._source.frames(rate):
                self._heart.progress()
                if isinstance(item, State):
                    self._report_source()
                    continue
                self._frame_rate.update(item)
                closed = self._closed(item)
                self._report_picture(closed or pipeline.obstruction or self._drift.problem)
                if closed:
                    # Masks and gates do not fit the picture: no detection.
                    if closed != "reshaped":
                        frame = self._mask.apply(item)
                        self._drift.update(frame)
                        self._drift.update_empty(frame)
                    pipeline = self._pipeline(rate)
                    continue
                if self._source.session != played:  # a new session starts with a new pipeline
                    self._write(pipeline.finish(), on_crossing)
                    pipeline, played = self._pipeline(rate), self._source.session
                self._write(pipeline.process(item), on_crossing)
            self._write(pipeline.finish(), on_crossing)
        finally:
            self._source.stop()
            self._heart.stop()
        return self._source.problem

    def stop(self) -> None:
        """Stop `run` from another thread or a signal handler."""
        self._source.stop()

    def _pipeline(self, rate: float) -> Pipeline:
        return Pipeline(self._camera, self._detector, self._matcher, rate, self._drift)

    def _closed(self, frame: Frame) -> str:
        """Return why detection is not allowed; empty if it is."""
        if not self._camera.fits(frame.image.shape[1], frame.image.shape[0]):
            return "reshaped"
        return self._drift.problem if self._drift.problem in _CLOSED else ""

    def _report_source(self) -> None:
        """Report the source's state; `connecting` only after a moment."""
        status, problem = self._source.status, self._source.status.problem
        if status.state is State.CONNECTING and not problem:
            if self._cause_known or self._age() < _CONNECTS_S:  # the server may know more
                return
            problem = "It has not answered yet."
        self._report(replace(report_source(status), message=problem))

    def _first_report(self) -> Report | None:
        """Return why no picture comes while models load; None where that is not known."""
        report = report_source(self._source.status)
        return report if report.cause else None

    def _report_picture(self, problem: str) -> None:
        status = self._source.status
        if problem:
            self._report(Report(problem, "", ADVICE.get(problem, "")))
        # The source may have ended since it read this frame.
        elif self._frame_rate.slow and status.state in {State.RUNNING, State.ENDED}:
            self._report(Report("slow", "", slow_message(self._frame_rate.rate, status.rate)))
        elif status.state is State.ENDED:
            self._report(Report(State.RUNNING.value, "", ""))
        # After a crash, `running` is reported after a moment.
        elif not self._failed or self._age() > _CONNECTS_S:
            self._report_source()

    def _age(self) -> float:
        return self._clocks.steady() - self._began

    def _source_figures(self) -> tuple[float | None, float]:
        """Return the newest frame's time (seconds since the epoch) and frames per second."""
        status = self._source.status
        return None if status.age_s is None else self._clocks.wall() - status.age_s, status.rate

    def _report(self, report: Report) -> None:
        if report.state != self._reported:
            log.info("camera %s: %s %s", self._camera.name, report.state, report.message)
            self._reported = report.state
        self._heart.report(report)

    def _write(
        self, crossings: list[Crossing], on_crossing: Callable[[Crossing], None] | None
    ) -> None:
        for seen in crossings:
            self._heart.progress()
            # The source's clock is monotonic; the journal uses the wall clock.
            crossing = replace(seen, time=self._clocks.wall_at(seen.time))
            written = record(
                self._site, crossing, self._ordinals.next(crossing), check=self._heart.check
            )
            if written and on_crossing is not None:
                on_crossing(crossing)


def watch(site: Site, name: str) -> Watcher:
    """Prepare to watch a camera of the site by its name.

    Raises:
        CameraError: There is no such camera, its file is wrong, or another process watches it.
    """
    return Watcher(site, load_camera(site.folder, name))
