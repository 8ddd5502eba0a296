"""`fittingroom record` and `replay`: record detections, and play recordings."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from calibration import Camera, load_camera
from cli.common import print_crossing, say, site_option
from common.crossing import Crossing
from services.site_models import load_site_detector, load_site_embedder
from services.watching.playback import Playback
from services.watching.watcher import build_matcher, source_of
from store import Site
from vision.clock import Clocks
from vision.errors import VisionError
from vision.film import MOST_HOURS, Film, FilmWriter, purge_films
from vision.frame import Frame
from vision.golden import Event, compare, read_golden, write_golden
from vision.mask import PrivacyMask, ShapeMonitor
from vision.pipeline import DetectionStage
from vision.rate import RateMonitor, slow_message, warn_if_slow
from vision.recorder import Recorder
from vision.recording import SUFFIX
from vision.replay import replay as run_replay
from vision.sources.live import LiveSource
from vision.sources.protocol import is_live
from vision.sources.recorded import at_most, read_file


@click.command()
@click.argument("camera")
@site_option
@click.option("--out", type=click.Path(path_type=Path), help="File to write.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Stop after this long.")
@click.option("--vectors", is_flag=True, help="Also record embeddings, to match garments later.")
@click.option("--video", is_flag=True, help="Masked video instead of detections; needs consent.")
@click.option("--consent", default="", help="With --video: who consented, to what.")
@click.option("--by", default="", help="With --video: who records.")
@click.option(
    "--hours",
    type=click.FloatRange(0, MOST_HOURS, min_open=True),
    default=24.0,
    help="With --video: delete it after this many hours.",
)
def record(
    site: Site,
    camera: str,
    out: Path | None,
    minutes: float | None,
    vectors: bool,
    video: bool,
    consent: str,
    by: str,
    hours: float,
) -> None:
    """Record a camera's detections (no pictures) or, with consent, masked video."""
    purge_films(site.recordings, time.time())
    seen_by = load_camera(site.folder, camera)
    if reason := seen_by.confirmation_problem:
        raise VisionError(
            f"{camera}: recording is not allowed before its masks are confirmed ({reason})."
        )
    rate, now = site.settings.vision.frames_per_second, time.time()
    frames = _frames(site, seen_by, rate, minutes)
    if video:
        film = Film(camera, consent, by, now, now + hours * 3600)
        with FilmWriter(site.recordings, seen_by, rate, film) as writer:
            mask = PrivacyMask(seen_by)
            for frame in frames:
                writer.write(mask.apply(frame))
        say(f"Wrote {writer.path}, {writer.frames} frames. It is deleted in {hours:.0f} h.")
        return
    path = out or site.recordings / f"{camera}-{now:.0f}{SUFFIX}"
    if not path.name.endswith(SUFFIX):
        raise VisionError(f"{path}: the file's name must end in {SUFFIX}.")
    stage = DetectionStage(seen_by, load_site_detector(site))
    embedder = load_site_embedder(site) if vectors else None
    wall_at = Clocks().wall_at if is_live(source_of(site, seen_by)) else None
    with Recorder(path, seen_by, rate, embedder, wall_at) as recorder:
        for frame in frames:
            detections = stage.process(frame)
            if detections is not None:
                recorder.write(detections)
    say(f"Wrote {path}: {recorder.frames} frames with detections, no pictures.")


def _frames(site: Site, camera: Camera, rate: float, minutes: float | None) -> Iterator[Frame]:
    """Yield a camera's frames until a signal: live in real time, a file as fast as possible."""
    source = source_of(site, camera)
    if not is_live(source):
        for frame in at_most(warn_if_slow(read_file(source, camera.name), say), rate):
            if minutes is not None and frame.time > minutes * 60:
                return
            yield frame
        return
    live = LiveSource(source, camera.name)
    with ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.signal(number, lambda *_: live.stop())
            stack.callback(signal.signal, number, before)
        stack.callback(live.stop)
        live.start()
        until = time.monotonic() + minutes * 60 if minutes is not None else float("inf")
        say("Recording. Stop with Ctrl-C.")
        shape, frame_rate, warned = ShapeMonitor(camera, say), RateMonitor(), False
        for item in live.frames(rate):
            if time.monotonic() > until:
                return
            if isinstance(item, Frame):
                frame_rate.update(item)
                if frame_rate.slow and not warned:
                    say(slow_message(frame_rate.rate, live.status.rate))
                warned = frame_rate.slow
            if isinstance(item, Frame) and shape.fits(item):
                yield item


@click.command()
@click.argument("clip")
@site_option
@click.option("--camera", required=True, help="The camera whose gates and masks to use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option(
    "--golden",
    type=click.Path(path_type=Path),
    help="Compare the crossings with this file; exit code 1 if they differ.",
)
@click.option("--update", is_flag=True, help="Write the crossings to the golden file.")
@click.option(
    "--into-shop",
    is_flag=True,
    help="Play it into the running shop in real time: on the screens, but not in the figures.",
)
def replay(
    site: Site,
    clip: str,
    camera: str,
    as_json: bool,
    golden: Path | None,
    update: bool,
    into_shop: bool,
) -> None:
    """Run a recording (video or detections) and print its crossings, without journal entries."""
    purge_films(site.recordings, time.time())
    if update and golden is None:
        raise VisionError("--update needs --golden FILE.")
    wanted = read_golden(golden) if golden and not update else []
    found = []
    for crossing in _play(site, clip, camera, into_shop):
        print_crossing(crossing, as_json)
        found.append(Event.of(crossing))
    if golden is None:
        return
    if update:
        write_golden(golden, found)
        say(f"Wrote {golden}: {len(found)} events.")
        return
    differences = compare(wanted, found)
    for line in differences:
        say(line)
    if differences:
        raise click.exceptions.Exit(1)
    say(f"{len(found)} events, as in {golden}.")


def _play(site: Site, clip: str, camera: str, into_shop: bool) -> Iterator[Crossing]:
    seen_by = load_camera(site.folder, camera)
    if not seen_by.gates:
        raise VisionError(
            f"camera {camera!r} has no gate, so no crossing can be detected. Draw its gate first."
        )
    vision = site.settings.vision
    detector, matcher = load_site_detector(site), build_matcher(site)
    rate = vision.frames_per_second
    crossings = run_replay(clip, seen_by, detector, matcher, rate, say)
    return Playback(site).play(list(crossings)) if into_shop else crossings
