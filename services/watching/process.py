"""Identify this process, and check whether another one still runs."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path
from typing import Final

from store.cameras import Holder

_PROC: Final = Path("/proc")


def this_process() -> Holder:
    """Identify this process as the holder of a lease; every call makes another token.

    The token makes a process id unique, where the system allows: boot id, process id namespace,
    and start time of the process.
    """
    pid = os.getpid()
    token = "/".join((_machine(), str(pid), _began(pid), secrets.token_hex(4)))
    return Holder(token, socket.gethostname(), pid, 0)


def is_gone(holder: Holder) -> bool:
    """Check whether a process has certainly ended; False where that cannot be known."""
    machine, pid, began, _ = holder.owner.rsplit("/", 3)
    if not machine or machine != _machine():
        return False
    return _began(int(pid)) != began


def _machine() -> str:
    """Return boot id and process id namespace; empty where the system has none."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _began(pid: int) -> str:
    """Return a process's start time in clock ticks; empty if it has ended."""
    try:
        # The name before it may contain anything, even a bracket.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
