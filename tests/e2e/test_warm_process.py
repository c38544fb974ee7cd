"""A month that is run by way of a warm process is the month that is run without one.

Belongs here: the real process with all that it imports, and `mbr` as a user has it. Does not: how commands
are handed over (``tests/cli/warm``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.warm.asking import has_ended, waited_for
from tests.e2e.command import MBR, environment
from tests.support.launching import published_rows
from tests.support.small import LANDED, PERIOD, settings, write, write_msp


class Warm:
    """A place to meet, and the process that `mbr run` left there."""

    def __init__(self, runtime: Path) -> None:
        self.environment = {**environment(), "XDG_RUNTIME_DIR": str(runtime)}
        self._folder = runtime / "mbr"

    def run(self, root: Path, way: str, *more: str) -> subprocess.CompletedProcess[str]:
        command = [str(MBR), "run", "--workspace", str(root), "--period", PERIOD, *more]
        return subprocess.run(
            command, env={**self.environment, "MBR_WARM": way}, capture_output=True, text=True, check=False
        )

    def started(self, root: Path) -> subprocess.Popen[str]:
        command = [str(MBR), "run", "--workspace", str(root), "--period", PERIOD]
        return subprocess.Popen(
            command, env={**self.environment, "MBR_WARM": "on"}, stderr=subprocess.PIPE, text=True
        )

    def process(self) -> int:
        """The warm process, once it listens."""
        waited_for(lambda: any(path.is_socket() for path in self._folder.glob("*")))
        [key] = [path.name for path in self._folder.glob("*") if path.is_socket()]
        [found] = [
            pid for pid, command in _commands() if command.endswith(f"mbr_pipeline.cli.warm.parent {key}")
        ]
        return found


def _commands() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """A warm process, left behind by a run that could not do anything."""
    with tempfile.TemporaryDirectory(prefix="mbr") as folder:  # names of sockets are short
        warm = Warm(Path(folder))
        assert warm.run(tmp_path_factory.mktemp("nothing"), "on").returncode == 2
        process = warm.process()
        yield warm
        with suppress(ProcessLookupError):
            os.kill(process, 9)


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A workspace with one MSP's small month."""
    write(tmp_path / "w/mbr.yml", settings(["acme"]))
    write_msp(tmp_path / "w", "acme")
    return tmp_path / "w"


def _without_times(text: str, root: Path) -> list[str]:
    text = text.replace(str(root), "WORKSPACE")
    return [" ".join(re.sub(r"[\d.]+ s\b", "T s", line).split()) for line in text.splitlines()]


def test_a_run_prints_publishes_and_ends_alike(warm: Warm, month: Path, tmp_path: Path) -> None:
    blocked = {"vendor/vendor_invoices.csv": LANDED["vendor/vendor_invoices.csv"].replace("50.00", "51.00")}
    for landed, code in (({}, 0), (blocked, 3)):
        write_msp(month, "acme", landed)
        roots = {"off": month, "on": Path(shutil.copytree(month, tmp_path / f"copy {code}"))}
        done = {way: warm.run(root, way, "--json") for way, root in roots.items()}
        assert {way: each.returncode for way, each in done.items()} == {"off": code, "on": code}
        for stream in ("stdout", "stderr"):
            by_it, without = (_without_times(getattr(done[way], stream), roots[way]) for way in ("on", "off"))
            assert by_it == without
        assert published_rows(roots["on"]) == published_rows(roots["off"])
    wrong = [warm.run(tmp_path / "nowhere", way) for way in ("off", "on")]
    assert wrong[0].returncode == wrong[1].returncode == 2
    assert wrong[0].stderr == wrong[1].stderr


def test_a_killed_run_leaves_no_process_and_the_next_ends_as_if_it_had_not_been(
    warm: Warm, month: Path
) -> None:
    process = warm.process()
    run = warm.started(month)
    assert run.stderr is not None
    for line in run.stderr:
        if line.split()[:1] == ["land"]:
            break
    [forked] = _children(process)
    [dbt] = _children(forked)
    assert _children(run.pid) == []
    handles = [os.pidfd_open(pid) for pid in (forked, dbt)]
    run.kill()
    assert run.wait() == -9
    assert all(has_ended(handle) for handle in handles)
    again = warm.run(month, "on")
    assert again.returncode == 0, again.stderr
    assert "acme|2026-10 was killed: marked as failed" in again.stderr
    assert len(published_rows(month)) > 10


def test_ctrl_c_ends_a_run_alike(warm: Warm, month: Path) -> None:
    said = []
    for way in ("off", "on"):
        command = [str(MBR), "run", "--workspace", str(month), "--period", PERIOD]
        run = subprocess.Popen(
            command, env={**warm.environment, "MBR_WARM": way}, stderr=subprocess.PIPE, text=True
        )
        assert run.stderr is not None
        for line in run.stderr:
            if line.split()[:1] == ["land"]:
                break
        run.send_signal(2)
        rest = run.stderr.read()
        # where it was met is up to chance: in a step, or between two
        met = re.sub("step [a-z_]+ failed: interrupted|interrupted between two steps", "interrupted", rest)
        said.append((run.wait(), "interrupted" in met, [line for line in met.splitlines() if "mbr:" in line]))
    assert said[0] == said[1]
    assert said[0][:2] == (1, True)


def test_other_commands_are_done_by_it_too(warm: Warm, month: Path) -> None:
    assert warm.run(month, "on").returncode == 0
    for words in (
        ["sql", "select client_name from dim_client"],
        ["status"],
        ["verify"],
        ["sql", "select nothing"],
    ):
        command = [str(MBR), *words, "--workspace", str(month)]
        by_it, without = (
            subprocess.run(
                command,
                env={**warm.environment, "MBR_WARM": way},
                capture_output=True,
                text=True,
                check=False,
            )
            for way in ("on", "off")
        )
        assert (by_it.returncode, by_it.stdout, by_it.stderr) == (
            without.returncode,
            without.stdout,
            without.stderr,
        )
