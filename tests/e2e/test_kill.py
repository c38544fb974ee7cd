"""A run may be killed at any moment: readers see the old publication or the new one, and running again ends
as if nothing had happened.

Belongs here: kill -9 of a real `mbr run` (decisions 2 and 3 of docs/development/architecture.md). Does not: a
kill at every single change that publishing makes (tests/publish/test_interrupted.py).
"""

from __future__ import annotations

import fcntl
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.publish.versions import replaced_versions
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import mbr, started
from tests.support.launching import Launcher, published_rows
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

RUN = ("run", "--period", PERIOD, "--msp", "acme", "--json", "--workspace")
NAMES = (
    "Alder & Sons",
    "Alder & Daughters",
)  # what the landing zone says by turns: the two publications differ in it
SEED = 20261101


class Killed:
    """One workspace whose runs are killed one after another, and the two publications that there can be."""

    def __init__(self, root: Path, transformer: Transformer) -> None:
        """Publish both undisturbed, the first one last: the first kill is then a run towards the second."""
        self.root = root
        write(root / "mbr.yml", settings(["acme"]))
        write_msp(root, "acme")
        self.launcher = Launcher(root, transformer)
        self.turn = 1
        self.undisturbed = {}
        for turn in (1, 0):
            self._land(turn)
            assert self.launcher.close_month("acme", PERIOD)
            self.undisturbed[turn] = published_rows(root)
        assert self.undisturbed[0] != self.undisturbed[1]
        assert len(self.undisturbed[0]) == len(ROW_ORDER)

    def start_towards_the_other(self) -> subprocess.Popen[str]:
        """Land the other name and start a run."""
        self._land(self.turn)
        return started(*RUN, self.root)

    def kill(self, run: subprocess.Popen[str]) -> None:
        """End the process as the kernel would, and hold what readers then see to the promise."""
        assert run.poll() is None, (
            f"the run ended before it could be killed: {run.stderr.read() if run.stderr else ''}"
        )
        run.kill()
        run.wait()
        assert _commands_that_name(self.root / ".dagster") == []
        run.communicate()
        assert published_rows(self.root) in self.undisturbed.values(), "half a publication"
        with reading(WorkspacePaths(self.root)) as connection:
            [(name,)] = connection.execute("select client_name from dim_client").fetchall()
        assert name in NAMES
        for lock in self.root.glob("warehouse/**/*.lock"):
            with lock.open("w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def run_again(self, rerun: Callable[[], bool]) -> None:
        """Run once more without disturbance: the publication is the one of a run that was never killed."""
        assert rerun()
        assert published_rows(self.root) == self.undisturbed[self.turn]
        hidden = sorted((self.root / "published").rglob(".*"))
        # nothing half-built stays: versions only
        assert [path.name for path in hidden if not re.fullmatch(r"\.[0-9a-f]{16}(\.json)?", path.name)] == []
        self.turn = 1 - self.turn

    def in_process(self) -> bool:
        """Run the job here: the same graph without the seconds of starting up."""
        return self.launcher.close_month("acme", PERIOD)

    def with_mbr(self) -> bool:
        """Run the real command."""
        return mbr(*RUN, self.root).returncode == 0

    def forget_the_replaced(self) -> None:
        """Remove the versions that are not in force, as if an hour had passed: they would be used again."""
        for version in replaced_versions(self.root / "published"):
            shutil.rmtree(version)

    def _land(self, turn: int) -> None:
        text = LANDED["psa/clients.csv"].replace(NAMES[0], NAMES[turn])
        write(self.root / "landing/acme" / PERIOD / "psa/clients.csv", text)


def _commands_that_name(place: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return [command for command in found if str(place) in command]


@pytest.fixture(scope="module")
def killed(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    yield Killed(tmp_path_factory.mktemp("kill") / "workspace", transformer)


def _wait_for_step(run: subprocess.Popen[str], step: str) -> None:
    assert run.stderr is not None
    for line in run.stderr:
        if line.split()[:1] == [step]:
            return
    pytest.fail(f"step {step} was never reported")


def _wait_a_moment(run: subprocess.Popen[str], longest: float, chance: random.Random) -> None:
    try:
        run.wait(timeout=chance.uniform(0, longest))
    except subprocess.TimeoutExpired:
        return


# which step's end is waited for, and up to how long after that the run is killed: while loading,
# transforming, auditing, before publishing
@pytest.mark.parametrize(
    ("step", "longest"), [("acme", 0.2), ("land", 0.3), ("load", 2.0), ("transform", 0.5)]
)
def test_killed_between_two_steps(step: str, longest: float, killed: Killed) -> None:
    run = killed.start_towards_the_other()
    _wait_for_step(run, step)
    _wait_a_moment(run, longest, random.Random(f"{SEED}{step}"))
    killed.kill(run)
    killed.run_again(killed.in_process)


def _caught(killed: Killed, is_there: Callable[[], bool]) -> subprocess.Popen[str]:
    """Return a run in a moment of its publishing; one that slips by on a busy machine was not disturbed, and
    the next is tried.
    """
    for _ in range(10):
        killed.forget_the_replaced()
        run = killed.start_towards_the_other()
        _wait_for_step(run, "report")  # the last step before
        while run.poll() is None:
            if is_there():
                return run
        assert run.returncode == 0
        killed.run_again(lambda: True)
    pytest.fail("ten runs in a row were too fast to be caught")


def test_killed_while_the_publication_is_being_written(killed: Killed) -> None:
    building = killed.root / "published/acme" / f"{PERIOD}.versions/.building"
    killed.kill(_caught(killed, building.exists))
    killed.run_again(killed.in_process)


def test_killed_after_the_link_was_changed_and_before_the_catalogue_was(killed: Killed) -> None:
    killed.kill(_caught(killed, (killed.root / "published/.mbr.duckdb.building").exists))
    assert published_rows(killed.root) == killed.undisturbed[killed.turn]
    killed.run_again(killed.in_process)


def test_killed_just_after_the_link_was_changed(killed: Killed) -> None:
    link = killed.root / "published/acme" / PERIOD
    before = link.readlink()
    run = killed.start_towards_the_other()
    _wait_for_step(run, "report")
    while link.readlink() == before:
        assert run.poll() is None
    killed.kill(run)
    assert published_rows(killed.root) == killed.undisturbed[killed.turn]
    killed.run_again(killed.with_mbr)
    # the rerun ended the killed run in Dagster's history, too: nothing is left to a person
    assert mbr("doctor", "--workspace", killed.root).stdout == "nothing is wrong\n"
