"""Who ends when: the command, the process forked for it, the warm process."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.warm.asking import asks, done, has_ended, waited_for, with_path
from tests.cli.warm.conftest import Start
from tests.cli.warm.tiny import NOT_FOR_ANYBODY, REFUSED


class Waiting:
    """A command that waits for signals, and the process forked for it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.command = subprocess.Popen(asks("wait", str(file)), env=with_path())
        waited_for(lambda: bool(self.lines), self.command)
        self.forked = int(self.lines[0])
        self.handle = os.pidfd_open(self.forked)

    @property
    def lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def state(self) -> str:
        return Path(f"/proc/{self.forked}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.fixture
def waiting(listen: Start, tmp_path: Path) -> Waiting:
    listen()
    return Waiting(tmp_path / "said")


def test_a_kill_of_the_command_is_one_of_the_process_forked_for_it(waiting: Waiting) -> None:
    assert waiting.command.pid != waiting.forked
    waiting.command.kill()
    waiting.command.wait()
    assert has_ended(waiting.handle)


def test_signals_are_passed_on(waiting: Waiting) -> None:
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGTERM):
        waiting.command.send_signal(number)
        waited_for(lambda name=number.name: waiting.lines[-1] == name)
    assert waiting.command.wait(60) == 5


def test_a_stop_at_the_terminal_stops_both_and_both_go_on(waiting: Waiting) -> None:
    waiting.command.send_signal(signal.SIGTSTP)
    waited_for(lambda: waiting.state() == "T")
    assert os.waitid(os.P_PID, waiting.command.pid, os.WSTOPPED | os.WNOWAIT) is not None
    waiting.command.send_signal(signal.SIGCONT)
    waited_for(lambda: waiting.state() == "S")
    waiting.command.terminate()
    assert waiting.command.wait(60) == 5


def test_a_kill_of_the_warm_process_is_one_of_all_commands(listen: Start, tmp_path: Path) -> None:
    process = listen()
    waiting = Waiting(tmp_path / "said")
    process.kill()
    assert has_ended(waiting.handle)
    assert waiting.command.wait(60) == -signal.SIGKILL


def test_two_at_once_have_each_their_own_end(listen: Start, tmp_path: Path) -> None:
    listen()
    one, other = Waiting(tmp_path / "one"), Waiting(tmp_path / "other")
    assert done(asks("leave", "3")).returncode == 3
    one.command.kill()
    assert has_ended(one.handle)
    other.command.terminate()
    assert other.command.wait(60) == 5
    assert other.lines[1:] == ["SIGTERM"]


def test_it_ends_by_itself_when_nobody_asks_but_not_before_what_it_forked(
    listen: Start, tmp_path: Path
) -> None:
    process = listen(seconds=0)
    waiting = Waiting(tmp_path / "said")
    assert done(asks("leave", "3")).returncode == 3
    assert process.poll() is None
    waiting.command.terminate()
    assert waiting.command.wait(60) == 5
    assert process.wait(60) == 0


def test_it_forks_nothing_once_its_code_is_another(listen: Start, runtime: Path, tmp_path: Path) -> None:
    process = listen()
    assert done(asks("leave", "3")).returncode == 3
    waiting = Waiting(tmp_path / "said")
    (runtime / "mbr" / "is another").touch()
    assert done(asks("leave", "3")).returncode == REFUSED
    waiting.command.terminate()  # what goes on is told its end
    assert waiting.command.wait(60) == 5
    assert process.wait(60) == 0


def test_it_forks_nothing_for_an_environment_that_its_imports_would_have_minded(listen: Start) -> None:
    listen()
    assert done(asks("leave", "3"), env=with_path({NOT_FOR_ANYBODY: ""})).returncode == REFUSED
    assert done(asks("leave", "3")).returncode == 3
