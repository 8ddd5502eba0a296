"""A frozen picture told from a quiet one, both through real encoders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import av
import cv2
import numpy as np
import pytest

from tests.calibration.test_drift import room
from vision.frame import Frame
from vision.freeze import FreezeMonitor

#: Frames a second: as often as pictures are kept, so that encoding takes little time.
RATE = 2
ENCODERS = {
    "h264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "crf": "28", "g": "8"}),
    "long groups": ("libx264", {"preset": "ultrafast", "crf": "26", "g": "20", "bf": "0"}),
    "constant rate": (
        "libx264",
        {"preset": "ultrafast", "tune": "zerolatency", "g": "8", "b": "300k", "maxrate": "300k",
         "bufsize": "300k"},
    ),
    "mjpeg": ("mjpeg", {"qmin": "5", "qmax": "5"}),
}  # fmt: skip
SCENE = cv2.resize(room(), (256, 144), interpolation=cv2.INTER_AREA).astype(np.float32)


def live(seconds: float, grain: float, light: float = 1.0, seed: int = 0) -> list[np.ndarray]:
    """Make pictures of a still scene as a sensor sees it."""
    chance, noise = np.random.default_rng(seed), _noise()
    starts = chance.integers(noise.size - SCENE.size, size=round(seconds * RATE))
    parts = (noise[start : start + SCENE.size].reshape(SCENE.shape) for start in starts)
    noisy = (SCENE * light + grain * part for part in parts)
    return [np.clip(image, 0, 255).astype(np.uint8) for image in noisy]


@cache
def _noise() -> np.ndarray:
    """Draw noise of which each picture takes another part: drawing takes longer than encoding."""
    return np.random.default_rng(0).normal(0, 1, 8 * SCENE.size).astype(np.float32)


def with_clock(images: list[np.ndarray]) -> list[np.ndarray]:
    """Write the time into a corner of every picture."""
    for second, image in enumerate(images):
        image[2:16, 2:90] = 0
        cv2.putText(image, f"12:00:{second:03d}", (4, 13), 0, 0.4, (255, 255, 255), 1)
    return images


def encoded(images: list[np.ndarray], encoder: str) -> Iterator[np.ndarray]:
    codec, options = ENCODERS[encoder]
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=RATE, options=options)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def changes(images: list[np.ndarray], encoder: str) -> list[tuple[float, bool]]:
    """Watch pictures; returns when it was said that they stand still, or not any more."""
    monitor, told, before = FreezeMonitor(), [], False
    for number, image in enumerate(encoded(images, encoder)):
        monitor.update(Frame("door", number / RATE, image))
        if monitor.frozen != before:
            before = monitor.frozen
            told.append((number / RATE, before))
    return told


@pytest.mark.parametrize(
    ("encoder", "grain"),
    [("h264", 0.7), ("long groups", 0.7), ("constant rate", 2.0), ("mjpeg", 0.7)],
)
def test_a_quiet_scene_is_alive(encoder: str, grain: float) -> None:
    assert changes(live(150, grain), encoder) == []


@pytest.mark.parametrize(
    ("encoder", "grain"),
    [("h264", 0.7), ("long groups", 0.7), ("constant rate", 2.0), ("mjpeg", 0.7)],
)
def test_a_frozen_picture_is_noticed_within_a_minute(encoder: str, grain: float) -> None:
    pictures = live(120, grain)
    frozen = [*pictures, *[pictures[-1]] * (60 * RATE)]
    (when, still), *_ = changes(frozen, encoder)
    assert still
    assert 120 < when <= 180


def test_a_clock_in_the_picture_is_no_life() -> None:
    pictures = live(120, 2.0)
    frozen = [*pictures, *(pictures[-1].copy() for _ in range(60 * RATE))]
    (when, still), *_ = changes(with_clock(frozen), "h264")
    assert still
    assert 120 < when <= 180


def test_one_that_was_frozen_before_the_start_is_noticed() -> None:
    frozen = [live(1, 2.0)[0]] * (60 * RATE)
    assert [still for _, still in changes(frozen, "h264")] == [True]


def test_it_lives_again() -> None:
    pictures = live(100, 2.0)
    frozen = [*pictures, *[pictures[-1]] * (70 * RATE), *live(60, 2.0, seed=1)]
    assert [still for _, still in changes(frozen, "h264")] == [True, False]


def test_lights_that_go_down_with_the_noise_are_no_freeze() -> None:
    evening = [*live(120, 2.5), *live(120, 0.6, light=0.4)]
    assert changes(evening, "h264") == []


def test_a_corridor_that_empties_is_no_freeze() -> None:
    busy = live(150, 2.0)
    for number, image in enumerate(busy):
        # Somebody dark and somebody bright pass each place all the time, and exposure follows.
        left = number * 36 % (256 + 48)
        image[:, max(left - 48, 0) : max(left - 24, 0)] = 80
        image[:, max(left - 24, 0) : left] = 190
        image[:] = np.clip(image * (1 + 0.02 * np.sin(number / 5)), 0, 255)
    assert changes([*busy, *live(100, 2.0, seed=1)], "mjpeg") == []


def test_what_a_mask_hides_does_not_count() -> None:
    pictures = live(100, 1.0)
    for image in pictures:
        image[:, :200] = 0
    assert changes(pictures, "mjpeg") == []
