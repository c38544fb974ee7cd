"""A warm process that has imported next to nothing, commands that tell what they were given, and who asks.

Belongs here: what the tests of this folder start as programs. Does not: expectations.

    python -m tests.cli.warm.tiny listen KEY SECONDS    the process; ends when nobody has asked for so long,
                                                        but not before somebody has asked
    python -m tests.cli.warm.tiny ask KEY DEED…         a deed by way of it; exit code 99: it would not
    python -m tests.cli.warm.tiny here DEED…            the same deed without it
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from mbr_pipeline import cli
from mbr_pipeline.cli.warm import caller, end_as, meeting, parent

REFUSED = 99
NOT_FOR_ANYBODY = "TINY_REFUSES"


def deed() -> None:
    what, *words = sys.argv[-2:] if sys.argv[-2] in _DEEDS else sys.argv[-1:]
    _DEEDS[what](*words)


def _tell() -> None:
    umask = os.umask(0)
    os.umask(umask)
    told = {
        "arguments": sys.argv[-1:],
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "umask": umask,
        "read": sys.stdin.read(),
        "streams": [
            (each.encoding, each.errors, each.line_buffering, each.write_through, each.isatty())
            for each in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "signals": {
            str(each): str(signal.getsignal(each)).split(" at ")[0] for each in signal.valid_signals()
        },
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "open": len(list(Path("/proc/self/fd").iterdir())),
        "hour": time.strftime("%H %Z", time.gmtime(0)) + time.strftime("%H %Z", time.localtime(0)),
    }
    print(json.dumps(told, sort_keys=True))
    print("told", file=sys.stderr)


def _leave(code: str) -> None:
    sys.exit(int(code) if code.isdigit() else code)


def _fail() -> None:
    raise ValueError("a fault")


def _interrupted() -> None:
    raise KeyboardInterrupt


def _die(number: str) -> None:
    os.kill(os.getpid(), int(number))
    signal.pause()


def _wait(file: str) -> None:
    """Write a line with its process id, and one for every signal, until one of them is SIGTERM."""
    got: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        signal.signal(number, lambda number, _: got.append(number))
    with Path(file).open("a") as out:
        print(os.getpid(), file=out, flush=True)
        while signal.SIGTERM not in got:
            number = signal.sigwait(
                {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1}
            )
            got.append(number)
            print(signal.Signals(number).name, file=out, flush=True)
    sys.exit(5)


_DEEDS = {
    "tell": _tell,
    "leave": _leave,
    "fail": _fail,
    "interrupted": _interrupted,
    "die": _die,
    "wait": _wait,
}


def _listen(wanted: str, seconds: str) -> None:
    cli.done_here = deed
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(meeting.place(wanted)))
        listener.listen()
        select.select([listener], [], [])
        current = meeting.place(wanted).with_name("is another")
        parent.Parent(
            listener, lambda: not current.exists(), lambda environment: NOT_FOR_ANYBODY not in environment
        ).serve(float(seconds))


def _ask(wanted: str) -> None:
    try:
        code = caller.ask(wanted)
    except OSError:
        code = None
    end_as(REFUSED if code is None else code)


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        _listen(*sys.argv[2:])
    elif sys.argv[1] == "ask":
        _ask(sys.argv[2])
    else:
        deed()
