"""Which process this is, and whether another one is still there."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path
from typing import Final

from store.cameras import Holder

_PROC: Final = Path("/proc")


def this_process() -> Holder:
    """Name this process as one that holds a lease; every call makes another token.

    The token holds what makes a process id unique, where the system says: this start of the
    machine, the container's process ids, and when the process began.
    """
    pid = os.getpid()
    token = "/".join((_machine(), str(pid), _began(pid), secrets.token_hex(4)))
    return Holder(token, socket.gethostname(), pid, 0)


def is_gone(holder: Holder) -> bool:
    """Check whether a process certainly has ended; False where that cannot be known from here."""
    machine, pid, began, _ = holder.owner.rsplit("/", 3)
    if not machine or machine != _machine():
        return False
    return _began(int(pid)) != began


def _machine() -> str:
    """Name this start of this machine and its process ids; empty where the system does not."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _began(pid: int) -> str:
    """Return when a process began, in the system's own count; empty if it has ended."""
    try:
        # The name before it may hold anything, a bracket too.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
