"""Commands from a warm process: one that has imported everything, and forks each command that asks it to.

What belongs here: whether a command is done that way, and starting the process that does it next time. Asking
is ``caller``, the process is ``parent``, what it forks is ``child``, what all three must have in common is
``key``, and how they meet is ``meeting``. What does not: commands. Nobody must be able to tell which way a
command was done, but by the clock: docs/decisions/0024-a-warm-process.md.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from mbr_pipeline.errors import ConfigError

SWITCH = "MBR_WARM"
"""``on``, ``off``, or not set: then as if ``on`` at a terminal, where somebody waits, and else ``off``."""

_STARTED_BY = ("run", "setup")
"""Who closes a month will close it again soon: these leave a warm process behind."""

_DONE_BY = (
    *_STARTED_BY,
    *("clean", "decide", "diff", "doctor", "evidence", "explain", "export", "fetch", "ledger", "map"),
    *("profile", "restatement", "sql", "status", "verify", "world"),
)
"""These are done by one if it is there: they import much, stay for a short time and ask for no password."""


def answered() -> int | None:
    """Have this command done by a warm process and return its exit code, minus the signal if one killed it.
    None: it is to be done here, and nothing has been done yet.

    Raises:
        ConfigError: The switch says something else.
    """
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in _DONE_BY or not _is_on():
        return None
    from mbr_pipeline.cli.warm import caller, key, meeting

    if not key.is_plain():
        return None
    try:
        wanted = key.key()
        try:
            return caller.ask(wanted)
        except meeting.NobodyThereError:
            if command in _STARTED_BY:
                _prepare(wanted)
    except OSError:  # whatever is wrong with the warm way, the command is not
        pass
    return None


def end_as(code: int) -> NoReturn:
    """End this process with the exit code, or by the signal, that ended the forked one."""
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _is_on() -> bool:
    said = os.environ.get(SWITCH, "")
    if said not in ("", "on", "off"):
        raise ConfigError(f"{SWITCH} is {said!r}: set it to on or off, or not at all")
    return said == "on" or (not said and os.isatty(2))


def _prepare(wanted: str) -> None:
    """Start a warm process for the next command; it begins when this one has ended."""
    import subprocess

    from mbr_pipeline.cli.warm import key

    reading, _ = os.pipe()  # the other end is closed when this process ends, however that comes about
    subprocess.Popen(
        # -P: no file of the current folder may stand in for a module
        [sys.executable, *key.flags(), "-P", "-m", "mbr_pipeline.cli.warm.parent", wanted],
        stdin=reading,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=key.environment(),
        start_new_session=True,
    )
    os.close(reading)
