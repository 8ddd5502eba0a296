"""Find the programs that tests run beside ours, or install them where that can be done unasked.

Chromium for the browser tests; nginx and Caddy for the examples of `docs/how-to/https.md`; the
broker Mosquitto for sensors.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Debian's packages, and the programs they bring.
PACKAGES = {
    "chromium": NAMES,
    "nginx-light": ("nginx",),
    "caddy": ("caddy",),
    "mosquitto": ("mosquitto",),
}
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def find_program(*names: str) -> str | None:
    """Return the path of the first program that is there, or None."""
    return next((path for name in names if (path := shutil.which(name, path=_PATH))), None)


def find_chromium() -> str | None:
    """Return the browser's path, or None."""
    return find_program(*NAMES)


def main() -> None:
    """Install Debian's packages of what is missing, where this is root on Debian."""
    missing = [package for package, names in PACKAGES.items() if not find_program(*names)]
    if not missing or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"installing {', '.join(missing)} for the tests", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}

    def quietly(*command: str) -> int:
        done = subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
        return done.returncode

    quietly("apt-get", "update")
    for package in missing:
        if quietly("apt-get", "install", "--yes", "--no-install-recommends", package):
            print(f"{package} could not be installed; its tests will be skipped", file=sys.stderr)


if __name__ == "__main__":
    main()
