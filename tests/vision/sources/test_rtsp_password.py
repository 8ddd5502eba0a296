"""Cameras that ask for passwords of any characters; needs GStreamer's RTSP server (Debian)."""

from __future__ import annotations

import select
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from calibration.address import Credentials, join_source
from tests.conftest import free_port
from tests.vision.sources.test_rtsp import PYTHON, start  # noqa: F401
from vision.sources.cause import Cause, SourceError
from vision.sources.registry import open_source

pytestmark = pytest.mark.integration

USER, PASSWORD = "admin/ö", "p@s:s/w#o%r d?[ß]"
SERVER = """
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
Gst.init(None)
port, method, user, password = sys.argv[1:]
auth = GstRtspServer.RTSPAuth()
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
if method == "basic":
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
else:
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
server = GstRtspServer.RTSPServer()
server.set_auth(auth)
server.set_address("127.0.0.1"); server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1"
                   " ! x264enc tune=zerolatency speed-preset=ultrafast ! rtph264pay name=pay0 )")
factory.set_shared(True)
permissions = GstRtspServer.RTSPPermissions()
for what in ("media.factory.access", "media.factory.construct"):
    permissions.add_permission_for_role("viewer", what, True)
factory.set_permissions(permissions)
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
"""


@pytest.fixture(params=["basic", "digest"])
def address(
    request: pytest.FixtureRequest,
    start: Callable[[int], subprocess.Popen[bytes]],  # noqa: F811 - skips where it is not installed
) -> Iterator[str]:
    port = free_port()
    command = [PYTHON, "-c", SERVER, str(port), request.param, USER, PASSWORD]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert select.select([server.stdout], [], [], 30)[0]
    yield f"rtsp://127.0.0.1:{port}/camera"
    server.kill()
    server.wait()
    server.stdout.close()


def test_any_character_reaches_the_camera(address: str) -> None:
    capture = open_source(join_source(address, Credentials(USER, PASSWORD)))
    until = time.monotonic() + 30
    try:
        found = capture.read()
        while found is None and time.monotonic() < until:
            found = capture.read()
    finally:
        capture.close()
    assert found is not None
    assert found[0].shape == (240, 320, 3)


def test_a_wrong_password_is_told_and_not_shown(
    address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SourceError) as raised:
        open_source(join_source(address, Credentials(USER, "S3cret@/#")))
    assert raised.value.cause is Cause.WRONG_PASSWORD
    printed = capfd.readouterr()
    for text in (str(raised.value), printed.out, printed.err):
        assert "S3cret" not in text
        assert "admin" not in text
