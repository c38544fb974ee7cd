"""The warm process beside a benchmark: having one ready.

What belongs here: starting it as a terminal would, and finding it. What does not: how its time is counted to
the command that asked it (``measure``).
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT: Mapping[str, str] = {**os.environ, "MBR_WARM": "on"}
"""Runs of a benchmark have no terminal, and so would leave the warm process alone."""
COLD_ENVIRONMENT: Mapping[str, str] = {**os.environ, "MBR_WARM": "off"}

_WHERE = "from mbr_pipeline.cli.warm import key, meeting; print(meeting.place(key.key()))"
_PATIENCE = 120.0


def warm_process(mbr: Path) -> int:
    """Return the pid of the process that commands of this environment are forked from, once it is ready.

    Raises:
        TimeoutError: None came.
    """
    said = subprocess.run(
        [sys.executable, "-P", "-c", _WHERE], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    address = said.stdout.strip()
    # whoever asks for a run leaves one behind, whatever becomes of the run
    subprocess.run([mbr, "run", "--help"], env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            try:
                asking.connect(address)
            except OSError:
                time.sleep(0.2)
                continue
            peer = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return int(struct.unpack("3i", peer)[0])
    raise TimeoutError(f"no warm process came to {address} within {_PATIENCE:.0f} s")
