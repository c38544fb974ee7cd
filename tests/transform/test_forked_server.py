"""The dbt process as a fork: to its client it is what a started one is."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FORKS = """
import fcntl, os, signal, subprocess, sys
from mbr_pipeline.transform import dbt_client, dbt_server, forked_server

def answer():
    print(os.getpgid(0) == os.getpid(), len(os.listdir("/proc/self/fd")), flush=True)
    for line in sys.stdin:
        if line == "die\\n":
            os._exit(7)
        print("and " + line, end="", flush=True)

dbt_server.main = answer
if forked := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]))
assert forked_server.can_be_forked()
"""

_ANSWERS = """
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
server = forked_server.ForkedServer()
lock.close()
print(server.stdout.readline(), end="")
fcntl.flock(open(sys.argv[1], "w"), fcntl.LOCK_EX | fcntl.LOCK_NB)
print("one", file=server.stdin, flush=True)
print(server.stdout.readline(), end="")
print(server.poll())
try:
    server.wait(0.01)
except subprocess.TimeoutExpired:
    print("goes on")
server.stdin.close()
print(server.wait(60), server.poll(), server.wait())
other = forked_server.ForkedServer()
print("die", file=other.stdin, flush=True)
print(other.wait(60))
killed = forked_server.ForkedServer()
killed.kill()
print(killed.wait(), killed.kill())
"""

_IS_KILLED = """
server = forked_server.ForkedServer()
print(os.getpid(), server.pid, flush=True)
server.stdout.readline()
sys.stdin.read()
"""


def _program(text: str, *words: str) -> list[str]:
    return [sys.executable, "-P", "-c", _FORKS + text, *words]


def test_it_answers_ends_and_is_killed_as_a_started_one(tmp_path: Path) -> None:
    done = subprocess.run(
        _program(_ANSWERS, str(tmp_path / "lock")),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    # its open files: the three streams, and the folder that it counts them in
    assert done.stdout.splitlines() == ["True 4", "and one", "None", "goes on", "0 0 0", "7", "-9 None"]


def test_it_is_killed_when_the_process_that_forked_it_is() -> None:
    forking = subprocess.Popen(
        _program(_IS_KILLED), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert forking.stdout is not None
    forked, server = map(int, forking.stdout.readline().split())
    handle = os.pidfd_open(server)
    os.kill(forked, signal.SIGKILL)
    forking.communicate()
    assert select.select([handle], [], [], 60)[0]


def test_a_process_that_has_not_imported_it_or_has_threads_starts_one() -> None:
    has_threads = "import threading\nthreading.Thread(target=signal.pause, daemon=True).start()\n"
    # a forked process ends without taking down what its libraries have in C++
    tell = "print(forked_server.can_be_forked(), flush=True)\nos._exit(0)\n"
    imports = "import os\nfrom mbr_pipeline.transform import forked_server\n"
    for program in (imports + tell, _FORKS + has_threads + tell):
        command = [sys.executable, "-P", "-c", program]
        found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
        assert found.stdout == "False\n"
