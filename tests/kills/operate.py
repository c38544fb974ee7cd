"""The commands by which people decide, close and release, each killed in the middle of its work and run
again.

Belongs here: one kill, and what must hold after it and after one rerun. Does not: which commands (``deeds``),
the workspaces (``workspaces``), killing (``forking``), counting (``campaign``), other things that go wrong
(``trouble``).

Every second kill falls by the clock, anywhere in the time that the command takes once it is imported; the
others fall just before one of its changes of files and folders, where an order of steps shows. After a kill
readers must find every file as it was or as it will be, and no folder of an export, version or pack with half
its files. After one rerun everything must be as if nothing had happened: entries, files, the catalogue;
nothing left behind; nothing for ``mbr verify`` to warn of that a run without a kill leaves unwarned, and
nothing for ``mbr doctor`` to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import duckdb

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.kills.deeds import Deed
from tests.kills.forking import Child, Ended, asked, command, learn
from tests.kills.state import EMPTY, State, state_of
from tests.kills.workspaces import Points

_TRIES = 20


@dataclass
class Kill:
    """One kill: where it fell, and what was wrong after it."""

    deed: str
    how: str
    where: str = ""
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    state: State
    versions: list[tuple[object, ...]]


@dataclass(frozen=True)
class _Reference:
    """A point before a command and after it, without a kill."""

    known: int
    before: _Seen
    after: _Seen
    ended: Ended
    warnings: frozenset[str]


class Operating:
    """Kills commands on copies of the points."""

    def __init__(self, points: Points, place: Path) -> None:
        """``place``: an empty folder to work in."""
        self._points, self._place = points, place
        place.mkdir(parents=True, exist_ok=True)
        self._log = place / "log"
        self._references: dict[str, _Reference] = {}

    def kill(self, deed: Deed, chance: Random, is_by_clock: bool) -> Kill:
        """Kill a command once, run it once more, and say what is wrong."""
        reference = self._reference(deed)
        for _ in range(_TRIES):
            ended, environment, how = self._killed(deed, reference, chance, is_by_clock)
            if ended.was_killed:
                break
        else:
            return Kill(deed.name, how, faults=[f"it never was there to be killed in {_TRIES} tries"])
        return self._judged(deed, environment, how)

    def _judged(self, deed: Deed, environment: Mapping[str, str], how: str) -> Kill:
        """Look at what is there, run the command once, and look again."""
        found, reference = Kill(deed.name, how), self._reference(deed)
        then = self._seen(environment, reference.known)
        found.where = _where(then, reference)
        found.faults += [f"before the rerun: {text}" for text in _half(then, reference)]
        rerun = self._run(self._arguments(deed), environment)
        if rerun.code not in (0, deed.again if found.where == "done" else 0):
            found.faults.append(f"the rerun exited with {rerun.code}: {rerun.said.strip()}")
        now = self._seen(environment, reference.known)
        found.faults += [f"after the rerun: {text}" for text in now.state.differences(reference.after.state)]
        found.faults += [f"after the rerun: chain: {text}" for text in now.state.faults]
        if now.versions != reference.after.versions:
            found.faults.append(f"after the rerun: the catalogue has {now.versions}")
        code, warnings = self._verified(environment)
        found.faults += [f"mbr verify: {text}" for text in sorted(warnings - reference.warnings)]
        doctor = self._run(("doctor", "--workspace", str(self._root)), environment)
        if code or doctor.code:
            found.faults.append(f"mbr verify exits with {code}, mbr doctor says {doctor.said.strip()}")
        return found

    @property
    def _root(self) -> Path:
        return self._place / "workspace"

    def _arguments(self, deed: Deed) -> tuple[str, ...]:
        return deed.arguments(self._points, self._root)

    def _reference(self, deed: Deed) -> _Reference:
        if deed.name not in self._references:
            environment = self._points.copy(deed.point, self._root)
            learn(command(*self._arguments(deed)), environment)
            environment = self._points.copy(deed.point, self._root)
            known = asked(lambda: len(chain(WorkspacePaths(self._root), self._points.msp_id)), environment)
            before = self._seen(environment, known)
            ended = self._run(self._arguments(deed), environment)
            assert ended.code == 0, (deed.name, ended)
            after = self._seen(environment, known)
            code, warnings = self._verified(environment)
            assert code == 0, (deed.name, warnings)
            self._references[deed.name] = _Reference(known, before, after, ended, warnings)
        return self._references[deed.name]

    def _killed(
        self, deed: Deed, reference: _Reference, chance: Random, is_by_clock: bool
    ) -> tuple[Ended, Mapping[str, str], str]:
        environment = self._points.copy(deed.point, self._root)
        work = command(*self._arguments(deed))
        if is_by_clock:
            seconds = chance.uniform(0, reference.ended.seconds)
            child = Child(work, self._log, environment)
            child.kill_after(seconds)
            return child.wait(), environment, f"after {seconds:.3f} of {reference.ended.seconds:.3f} s"
        number = chance.randint(1, reference.ended.changes)
        child = Child(work, self._log, environment, dies_at=number)
        return child.wait(), environment, f"before change {number} of {reference.ended.changes}"

    def _run(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Ended:
        return Child(command(*arguments), self._log, environment).wait()

    def _verified(self, environment: Mapping[str, str]) -> tuple[int, frozenset[str]]:
        ended = self._run(("verify", "--workspace", str(self._root)), environment)
        return ended.code, frozenset(line for line in ended.said.splitlines() if line[:1] in "!✗")

    def _seen(self, environment: Mapping[str, str], known: int) -> _Seen:
        def see() -> _Seen:
            state = state_of(self._root, self._points.msp_id, known)
            with duckdb.connect(str(self._root / "published/mbr.duckdb"), read_only=True) as connection:
                query = "select version, count(*) from fct_client_gate_versions group by 1 order by 1"
                return _Seen(state, connection.execute(query).fetchall())

        return asked(see, environment)


def _where(then: _Seen, reference: _Reference) -> str:
    """Whether a kill fell before anything was done, after everything, or in between."""
    if not then.state.differences(reference.after.state) and then.versions == reference.after.versions:
        return "done"
    is_untouched = not then.state.differences(reference.before.state)
    return "nothing done" if is_untouched else "in between"


def _half(then: _Seen, reference: _Reference) -> list[str]:
    """Return what readers find that is neither as it was nor as it will be."""
    before, after = reference.before.state.files, reference.after.state.files
    found = [f"chain: {text}" for text in then.state.faults]
    seen = {
        name: digest for name, digest in then.state.files.items() if _is_visible(name) and digest != EMPTY
    }
    found += [
        f"half: {name}" for name, digest in seen.items() if digest not in (before.get(name), after.get(name))
    ]
    for folder in {str(Path(name).parent) for name in seen if name.startswith(("exports/", "published/"))}:
        names = {name for name in seen if str(Path(name).parent) == folder}
        whole = [{n for n in files if str(Path(n).parent) == folder} for files in (before, after)]
        if names not in whole:
            found.append(f"half a folder: {folder}")
    if len(then.state.entries) not in (
        len(reference.before.state.entries),
        len(reference.after.state.entries),
    ):
        found.append(f"some entries of a command: {len(then.state.entries)}")
    return found


def _is_visible(name: str) -> bool:
    return not any(
        part.startswith(".") or part.endswith((".building", ".placed")) for part in Path(name).parts
    )
