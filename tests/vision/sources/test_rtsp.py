"""A live camera that dies and comes back; needs GStreamer's RTSP server (Debian packages)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import free_port
from vision.frame import Frame
from vision.sources.health import State
from vision.sources.live import LiveSource

pytestmark = pytest.mark.integration

PYTHON = "/usr/bin/python3"
SERVER = """
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1"); server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1"
                   " ! x264enc tune=zerolatency speed-preset=ultrafast ! rtph264pay name=pay0 )")
factory.set_shared(True)
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
GLib.MainLoop().run()
"""


@pytest.fixture
def start() -> Callable[[int], subprocess.Popen[bytes]]:
    imports = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if (
        not Path(PYTHON).exists()
        or subprocess.run([PYTHON, "-c", imports], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs gir1.2-gst-rtsp-server-1.0, python3-gi and GStreamer's plugins")
    return lambda port: subprocess.Popen([PYTHON, "-c", SERVER, str(port)])


def test_a_camera_that_dies_goes_stale_and_comes_back(
    start: Callable[[int], subprocess.Popen[bytes]],
) -> None:
    port = free_port()
    camera = start(port)
    source = LiveSource(f"rtsp://127.0.0.1:{port}/camera", "door")
    source.start()
    states: list[State] = []
    until = time.monotonic() + 60
    for item in source.frames(10):
        if not states or states[-1] is not source.state:
            states.append(source.state)
        if isinstance(item, Frame) and len(states) >= 2 and State.STALE not in states:
            camera.kill()
        if states[-1] is State.STALE and camera.poll() is not None:
            camera = start(port)
        if states[-2:] == [State.STALE, State.RUNNING] or time.monotonic() > until:
            break
    source.stop()
    camera.kill()
    camera.wait()
    assert states[-2:] == [State.STALE, State.RUNNING]
    assert source.session >= 2
