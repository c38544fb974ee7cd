"""A copy of the project in which mutmut works, and mutmut itself.

What belongs here: copying, mutmut's configuration, and running it. Which modules and tests is ``scope.toml``;
what came of it is ``results``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tools.mutation.paths import ROOT
from tools.mutation.python.undecorated import undecorated

SCOPE = tomllib.loads(Path(__file__).with_name("scope.toml").read_text(encoding="utf-8"))

_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "node_modules", "target")
_PYTEST = ("pytest_timeout", "no:cacheprovider", "no:unraisableexception", "no:threadexception")
"""The plugins that the tests need, and those that only cost time."""
_ENVIRONMENT = {
    "GX_ANALYTICS_ENABLED": "false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}


def make(folder: Path, modules: Sequence[str], tests: Sequence[str], root: Path = ROOT) -> None:
    """Copy the project at ``root`` to ``folder`` and configure mutmut there; a copy that exists is
    kept as it is.

    mutmut keeps its results in the copy, so the same command on the same folder goes on
    where it was interrupted.
    """
    if folder.exists():
        return
    unready = folder.with_name(f"{folder.name}.unready")
    shutil.rmtree(unready, ignore_errors=True)
    shutil.copytree(root, unready, ignore=_NOT_COPIED)
    for workspace in ("demo", "bench/workspaces"):
        shutil.rmtree(unready / workspace, ignore_errors=True)
    for file in [unready / module for module in modules]:
        file.write_text(undecorated(file.read_text(encoding="utf-8")), encoding="utf-8")
    with (unready / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(_configuration(unready, modules, tests))
    unready.rename(folder)


def _configuration(folder: Path, modules: Sequence[str], tests: Sequence[str]) -> str:
    packages = sorted({Path(module).parts[0] for module in modules})
    configured = {
        "source_paths": packages,
        "also_copy": sorted({path.name for path in folder.iterdir()} - set(packages)),
        "only_mutate": list(modules),
        "pytest_add_cli_args": [argument for plugin in _PYTEST for argument in ("-p", plugin)],
        "pytest_add_cli_args_test_selection": list(tests),
        # only what importing leaves is there when a mutant's process is forked: no threads, no connections
        "process_isolation": "forkserver",
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in configured.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


def run(folder: Path, jobs: int, patterns: Sequence[str] = ()) -> None:
    """Let mutmut try the mutants whose names match one of the patterns, or all that have no result yet.

    Raises:
        RuntimeError: mutmut gave up, for instance because a test fails without any fault.
    """
    command = [
        sys.executable,
        "-c",
        "from mutmut.__main__ import cli; cli()",
        "run",
        "--max-children",
        str(jobs),
    ]
    done = subprocess.run([*command, *patterns], cwd=folder, env=os.environ | _ENVIRONMENT, check=False)
    if done.returncode:
        raise RuntimeError(f"mutmut gave up (exit code {done.returncode}); what it said stands above")
