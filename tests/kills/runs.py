"""Whole runs of a small month, of which the process of `mbr run` or that of dbt is killed, and one run more.

Belongs here: the month, one kill, and what must hold after it. Does not: killing (``forking``), the seven
kills of the installed program (tests/e2e/test_kill.py).

The process of `mbr run` is forked from one that has imported everything, and the process of dbt from one that
has read the recorded build: both then do what they do when they are started, through the same pipes, in
process groups of their own. A killed `mbr run` leaves dbt behind, at work on the month's file, as the kernel
does.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from mbr_pipeline.cli.run import run_command
from mbr_pipeline.storage.database.opening import URL_VARIABLE
from mbr_pipeline.transform import dbt_server
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.transform.recorded_build import RecordedBuild
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.kills.forking import Child, Ended, asked, command, learn
from tests.kills.operate import Kill
from tests.kills.workspaces import Ledger
from tests.support.launching import published_rows
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

NAMES = ("Alder & Sons", "Alder & Daughters")
"""What the landing zone says before and now: the two publications differ in it."""

_ON_POSTGRESQL = """\
storage:
  postgres:
    postgres_url: {url}
telemetry:
  enabled: false
"""

_STEPS = ("land", "load", "transform", "audit", "report", "publish")
_ROUNDS = 20


class _Dbt:
    """A forked process of dbt, as ``subprocess.Popen`` looks to the asking side."""

    def __init__(self, recorded: RecordedBuild, number: mmap.mmap, kept: frozenset[int]) -> None:
        requests, self._to = os.pipe()
        self._from, answers = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.setpgid(0, 0)
            os.dup2(requests, 0)
            for descriptor in _open_files() - kept - {answers}:  # a lock that it held would outlive its owner
                os.close(descriptor)
            _serve(recorded, answers)
            os._exit(0)
        number[:8] = self.pid.to_bytes(8, "little")
        os.close(requests)
        os.close(answers)
        self.stdin = os.fdopen(self._to, "w", encoding="utf-8")
        self.stdout = os.fdopen(self._from, encoding="utf-8")

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def _open_files() -> frozenset[int]:
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # that of the listing itself
            os.fstat(int(path.name))
            found.add(int(path.name))
    return frozenset(found)


def _serve(recorded: RecordedBuild, to: int) -> None:
    """The loop of ``dbt_server.main``, behind its preparing."""
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    answers = os.fdopen(to, "w", buffering=1)
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        try:
            answer = dbt_server.build(recorded, json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}", "nodes": []}
        print(json.dumps(answer), file=answers)


class Running:
    """Kills runs on copies of a month that is published under the old name and landed under the new one."""

    def __init__(self, place: Path, ledger: Ledger) -> None:
        """``place``: an empty folder to work in. With a server, Dagster's history is kept there, too."""
        self._place, self._base, self._root = place, place / "base", place / "workspace"
        self._log = place / "log"
        self._dbt_pid = mmap.mmap(-1, 8)
        self._server, self._environment = ledger.server, ledger.copy("live")
        if ledger.server is not None:
            url = ledger.copy("history")[URL_VARIABLE]
            write(place / "home/dagster.yaml", _ON_POSTGRESQL.format(url=url))
            self._environment |= {"DAGSTER_HOME": str(place / "home")}
        place.mkdir(parents=True, exist_ok=True)
        self._warm_up()
        write(self._base / "mbr.yml", settings(["acme"]))
        write_msp(self._base, "acme")
        ended = self._run(self._base)
        assert ended.code == 0, ended
        self._before = asked(lambda: published_rows(self._base), self._environment)
        text = LANDED["psa/clients.csv"].replace(*NAMES)
        write(self._base / f"landing/acme/{PERIOD}/psa/clients.csv", text)
        self._fresh()
        self._reference = self._run(self._root)
        assert self._reference.code == 0, self._reference
        self._after = asked(lambda: published_rows(self._root), self._environment)
        assert self._before != self._after
        self._usual = self._hidden()

    def kill(self, who: str, chance: Random, is_by_clock: bool) -> Kill:
        """Kill a run once, run once more, and say what is wrong.

        Args:
            who: ``parent``, ``dbt`` or ``server``, which is stopped and started when the run has ended.
            chance: Where the moment is drawn from.
            is_by_clock: Else at one of its changes of files; dbt is killed by the clock only.
        """
        for _ in range(_ROUNDS):
            ended, how = self._killed(who, chance, is_by_clock)
            if ended is not None:
                break
        else:
            return Kill(f"run, {who}", how, faults=[f"it never was there to be killed in {_ROUNDS} tries"])
        found = Kill(f"run, {who}", f"{how}, in {_step(ended.said)}")
        then = asked(lambda: published_rows(self._root), self._environment)
        if then not in (self._before, self._after):
            found.faults.append("half a publication")
        if (name := asked(self._name, self._environment)) not in NAMES:
            found.faults.append(f"the catalogue says {name}")
        found.where = "done" if then == self._after else _place(ended.said)
        rerun = self._run(self._root)
        if rerun.code:
            found.faults.append(f"the rerun exited with {rerun.code}: {rerun.said[-2000:]}")
        if asked(lambda: published_rows(self._root), self._environment) != self._after:
            found.faults.append("after the rerun: other rows")
        if (name := asked(self._name, self._environment)) != NAMES[1]:
            found.faults.append(f"after the rerun: the catalogue says {name}")
        found.faults += [f"left behind: {name}" for name in sorted(self._hidden() - self._usual)]
        for name in ("verify", "doctor"):
            looked = Child(command(name, "--workspace", str(self._root)), self._log, self._environment).wait()
            if looked.code:
                found.faults.append(f"mbr {name}: {looked.said.strip()}")
        return found

    def _warm_up(self) -> None:
        self._kept = frozenset[int]()
        self._recorded = dbt_server.ready()
        place = self._place / "learning"
        write(place / "mbr.yml", settings(["acme"]))
        write_msp(place, "acme")
        learn(lambda: self._work(place), self._environment)
        shutil.rmtree(place)
        self._kept = _open_files() | {0, 1, 2}
        assert threading.active_count() == 1, "what was imported has started threads"

    def _work(self, root: Path) -> int:
        """What `mbr run` does, in a child."""

        def start(transformer: Any) -> None:
            transformer._process = _Dbt(self._recorded, self._dbt_pid, self._kept)
            transformer._is_ready = False

        Transformer._start = start  # type: ignore[method-assign,assignment]
        return run_command(WorkspacePaths(root), PERIOD, "acme", as_json=True)

    def _run(self, root: Path) -> Ended:
        return Child(lambda: self._work(root), self._log, self._environment).wait()

    def _fresh(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        shutil.copytree(self._base, self._root, symlinks=True)

    def _killed(self, who: str, chance: Random, is_by_clock: bool) -> tuple[Ended | None, str]:
        """Start a run and kill it; no end if it was over before. A run without its dbt ends by itself."""
        self._fresh()
        self._dbt_pid[:8] = bytes(8)
        if who == "parent" and not is_by_clock:
            number = chance.randint(1, self._reference.changes)
            ended = Child(lambda: self._work(self._root), self._log, self._environment, dies_at=number).wait()
            return ended if ended.was_killed else None, f"before change {number} of {self._reference.changes}"
        seconds = chance.uniform(0, self._reference.seconds)
        how = f"after {seconds:.3f} of {self._reference.seconds:.3f} s"
        child = Child(lambda: self._work(self._root), self._log, self._environment)
        if who == "parent":
            child.kill_after(seconds)
            ended = child.wait()
            return ended if ended.was_killed else None, how
        time.sleep(seconds)
        if who == "server":
            assert self._server is not None
            self._server.stop()
            try:
                return child.wait(), how
            finally:
                self._server.start()
        pid = int.from_bytes(self._dbt_pid[:8], "little")
        is_killed = pid > 0 and not child.has_ended()
        if is_killed:
            os.kill(pid, signal.SIGKILL)
        ended = child.wait()
        return ended if is_killed else None, how

    def _name(self) -> str:
        with duckdb.connect(str(self._root / "published/mbr.duckdb"), read_only=True) as connection:
            [(name,)] = connection.execute("select client_name from dim_client").fetchall()
            return str(name)

    def _hidden(self) -> frozenset[str]:
        """Names of what is being made, where a person looks and in the warehouse."""
        found = set()
        for folder in ("warehouse", "published", "reports", "ledger"):
            for path in (self._root / folder).rglob("*"):
                is_version = folder == "published" and re.fullmatch(r"\.[0-9a-f]{16}(\.json)?", path.name)
                if not is_version and (
                    path.name.startswith(".") or path.name.endswith((".wal", ".building"))
                ):
                    found.add(path.relative_to(self._root).as_posix())
        return frozenset(found)


def _step(said: str) -> str:
    """The step that was at work, as the progress on standard error tells: the one after the last that
    ended."""
    ended = [line.split()[0] for line in said.splitlines() if line.split()[:1] and line.split()[0] in _STEPS]
    if not ended:
        return "start" if "acme" not in said else _STEPS[0]
    number = _STEPS.index(ended[-1]) + 1
    return _STEPS[number] if number < len(_STEPS) else "the end"


def _place(said: str) -> str:
    return "nothing done" if _step(said) == "start" else "in between"
