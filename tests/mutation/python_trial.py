"""Tries mutants: a copy of the project, a warm process, and a forked child that runs the tests over each faulty module.

Belongs here: copying, forking, time limits, and what a test run says. Does not: which faults (``python_mutants``), which modules
and tests (``python_scope``). Importing pytest, DuckDB, Arrow and Great Expectations costs ten seconds, so it is done once; nothing of
the project is imported before the fork, so that every child meets the faulty module first.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connectors", "expectations", "mbr_pipeline")

_COPIED = (
    "connectors",
    "expectations",
    "mbr_pipeline",
    "dbt_project",
    "tests",
    "docs",
    "bench",
    "pyproject.toml",
    "README.md",
    "workspace.yaml",
)
WARM = (
    "pytest", "_pytest.assertion.rewrite", "hypothesis", "duckdb", "numpy", "pandas", "pyarrow.parquet", "pyarrow.csv", "pydantic", "yaml",
    "iso4217", "openpyxl", "jinja2", "dagster", "dagster_dbt", "sqlglot.lineage", "click", "great_expectations", "pytest_timeout",
)  # fmt: skip
_PLUGINS = (
    "-p",
    "pytest_timeout",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:threadexception",
)
_OTHER_TREE = 99
_NO_TEST_RAN = 5


@dataclass(frozen=True)
class Trial:
    """What became of one run of tests: whether one failed, which one first, whether time ran out, and how long it took."""

    failed: bool
    test: str
    timed_out: bool
    seconds: float


class Workbench:
    """A copy of the project to plant faults in, and children that run its tests."""

    def __init__(self, folder: Path, root: Path = ROOT, warm: Sequence[str] = WARM) -> None:
        """Copy the project at ``root`` into ``folder`` and import what is not the project's own; this process is then good for no other."""
        self.folder = folder / "project"
        self._log = folder / "log.txt"
        self._temporary = folder / "tmp"
        _copy_project(root, self.folder)
        os.environ |= {
            "PYTHONPATH": str(self.folder), "GX_ANALYTICS_ENABLED": "false", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"), "TMPDIR": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }  # fmt: skip
        sys.path[:] = [
            str(self.folder),
            *(entry for entry in sys.path if entry and Path(entry).resolve() != root),
        ]
        _forget_the_project()
        for name in warm:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # what is imported here is garbage in no child

    def run(self, tests: Sequence[str], limit: float, keep_bytecode: bool = False) -> Trial:
        """Run tests of the copy in a child until the first one fails."""
        began = time.monotonic()
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read_end)
            self._in_child(tests, write_end, keep_bytecode)
        os.close(write_end)
        with os.fdopen(read_end, encoding="utf-8") as pipe:
            watched = os.pidfd_open(child)
            try:
                timed_out = not select.select([watched], [], [], limit)[0]
                _end_group(child)
                _, status = os.waitpid(child, 0)
                test = pipe.read() if not timed_out else ""
            finally:
                os.close(watched)
        code = os.waitstatus_to_exitcode(status)
        if code == _OTHER_TREE:
            raise RuntimeError("the tests imported the project itself, not the copy")
        return Trial(timed_out or code not in (0, _NO_TEST_RAN), test, timed_out, time.monotonic() - began)

    def try_source(self, module: str, source: str, tests: Sequence[str], limit: float) -> Trial:
        """Run tests while a module of the copy has another text."""
        path = self.folder / module
        kept, state = path.read_bytes(), path.stat()
        path.write_text(source, encoding="utf-8")
        try:
            return self.run(tests, limit)
        finally:
            path.write_bytes(kept)
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    @property
    def log(self) -> str:
        """What the last run printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _in_child(self, tests: Sequence[str], write_end: int, keep_bytecode: bool) -> None:
        code: int = _NO_TEST_RAN
        try:
            os.setsid()
            output = os.open(self._log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            nothing = os.open(os.devnull, os.O_RDONLY)
            for descriptor, target in ((nothing, 0), (output, 1), (output, 2)):
                os.dup2(descriptor, target)
            os.chdir(self.folder)
            if not keep_bytecode:
                sys.dont_write_bytecode = True
                os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            code = _run_pytest(tests, self._temporary, write_end)
            if any(_lies_outside(name, self.folder) for name in PACKAGES):
                code = _OTHER_TREE
        except BaseException:
            code = 3
            raise
        finally:
            sys.stdout.flush()
            os._exit(code)


def _copy_project(root: Path, folder: Path) -> None:
    """Copy what the tests need: sources, tests, and dbt's parsed project, which would take half a minute to make again."""
    for name in _COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=_left_behind)
        elif (root / name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    parsed = Path("dbt_project/target/mbr")
    if (root / parsed).is_dir():
        shutil.copytree(root / parsed, folder / parsed)


def _left_behind(folder: str, names: list[str]) -> set[str]:
    is_dbt = Path(folder).name == "dbt_project"
    is_bench = Path(folder).name == "bench"
    return {
        n
        for n in names
        if n == "__pycache__" or (is_dbt and n in ("target", "logs")) or (is_bench and n == "workspaces")
    }


def _forget_the_project() -> None:
    """Take back what the editable installation and this program itself imported of the project, but for the tests of mutation."""
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if "__editable__" not in getattr(finder, "__module__", "")
    ]
    for name in list(sys.modules):
        if name.split(".")[0] in PACKAGES:
            del sys.modules[name]


def _lies_outside(name: str, folder: Path) -> bool:
    module = sys.modules.get(name)
    return module is not None and not Path(str(module.__file__)).is_relative_to(folder)


def _end_group(child: int) -> None:
    """End the child, if it still runs, and everything it started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return


class _FirstFailure:
    """Notes the first test that fails."""

    def __init__(self, write_end: int) -> None:
        self._write_end = write_end
        self._noted = False

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._note(report)

    def pytest_collectreport(self, report: Any) -> None:
        self._note(report)

    def _note(self, report: Any) -> None:
        if report.failed and not self._noted:
            self._noted = True
            os.write(self._write_end, report.nodeid.encode("utf-8", "replace")[:2000])


def _run_pytest(tests: Sequence[str], temporary: Path, write_end: int) -> int:
    import hypothesis
    import pytest

    # the same examples for every mutant: a kill must not hang on luck
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None)
    hypothesis.settings.load_profile("mutation")
    options = ["-x", "-q", "--no-header", "--tb=short", *_PLUGINS, f"--basetemp={temporary}"]
    return int(pytest.main([*options, *tests], plugins=[_FirstFailure(write_end)]))
