"""Who is sending a message: so that two processes do not, and one that died holds up nobody.

What belongs here: naming a process and seeing whether it lives. A claim of another machine ends by its time.
"""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path

_TOKEN = uuid.uuid4().hex[:8]


def _started(pid: int) -> str | None:
    """When a process of this machine started, in the kernel's ticks; None if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def me() -> str:
    """Return the name of this process: a later one with its number has another."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())} {_TOKEN}"


def is_dead(name: str) -> bool:
    """Whether a process is known not to run any more."""
    host, pid, started, _ = name.split(" ")
    return host == socket.gethostname() and _started(int(pid)) != started
