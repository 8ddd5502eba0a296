"""Find Chromium for the browser tests, or install it where that can be done unasked."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Return the browser's path, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> None:
    """Install Debian's package when there is no browser and this is root on Debian."""
    if find_chromium() or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("installing chromium for the browser tests", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def quietly(*command: str) -> int:
        done = subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
        return done.returncode

    install = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
    if quietly("apt-get", "update") or quietly(*install):
        print("chromium could not be installed; browser tests will be skipped", file=sys.stderr)


if __name__ == "__main__":
    main()
