"""Who may import whom (docs/development/architecture.md): read from the source text, so that imports
inside functions count too.

Belongs here: the direction of imports and what importing alone does. Does not: style.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connectors", "expectations", "mbr_pipeline")
MODULES = sorted(
    path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)


@cache
def _imported(source: str, module: str) -> set[str]:
    """Names of all modules that a module imports, wherever in it; from-imports also with each name."""
    package = module.removesuffix(".py").removesuffix("/__init__").split("/")
    if not module.endswith("__init__.py"):
        package = package[:-1]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def _who_imports(name: str) -> set[str]:
    return {
        module
        for module in MODULES
        if any(
            found == name or found.startswith(f"{name}.")
            for found in _imported((ROOT / module).read_text(encoding="utf-8"), module)
        )
    }


def test_the_reader_of_imports_sees_every_kind_of_import() -> None:
    source = "import a.b\nfrom c import d\ndef f():\n    from . import e\n    from ..g import h\n"
    assert _imported(source, "p/q/m.py") == {"a.b", "c", "c.d", "p.q", "p.q.e", "p.g", "p.g.h"}
    assert _imported("from .x import y", "p/q/__init__.py") == {"p.q.x", "p.q.x.y"}
    assert len(MODULES) > 60


@pytest.mark.parametrize("package", ["connectors", "expectations"])
def test_connectors_and_expectations_import_nothing_of_the_project(package: str) -> None:
    others = [other for other in (*PACKAGES, "bench", "tests") if other != package]
    assert {
        module for other in others for module in _who_imports(other) if module.startswith(f"{package}/")
    } == set()


def test_only_the_wiring_and_the_command_line_import_dagster() -> None:
    allowed = ("mbr_pipeline/defs/", "mbr_pipeline/cli/", "mbr_pipeline/definitions.py")
    importers = _who_imports("dagster") | _who_imports("dagster_dbt")
    assert {module for module in importers if not module.startswith(allowed)} == set()
    assert "mbr_pipeline/defs/jobs.py" in importers


def test_only_the_definitions_import_the_wiring() -> None:
    importers = {
        module for module in _who_imports("mbr_pipeline.defs") if not module.startswith("mbr_pipeline/defs/")
    }
    assert importers == {"mbr_pipeline/definitions.py"}


def test_only_the_runner_imports_great_expectations() -> None:
    assert _who_imports("great_expectations") == {"expectations/runner.py"}


def test_dbt_is_reached_through_its_recording_and_dagsters_translation_alone() -> None:
    assert _who_imports("dbt") == {"mbr_pipeline/transform/recording.py"}
    assert _who_imports("dagster_dbt") == {"mbr_pipeline/defs/transform/translation.py"}


def test_the_second_engine_shares_no_rule_with_the_pipeline() -> None:
    allowed = (
        "connectors.datasets",
        "connectors.files.records",
        "connectors.registry",
        "mbr_pipeline.errors",
        "mbr_pipeline.recompute",
        "mbr_pipeline.safe_text",
        "mbr_pipeline.workspace.paths",
        "mbr_pipeline.workspace.settings",
    )
    engine = [module for module in MODULES if module.startswith("mbr_pipeline/recompute/")]
    assert len(engine) > 20
    found = {name for module in engine for name in _imported((ROOT / module).read_text("utf-8"), module)}
    of_the_project = {name for name in found if name.split(".")[0] in (*PACKAGES, "tests", "bench")}
    others = {name for name in of_the_project if not _is_within(name, allowed)}
    # the names of the packages themselves, from which allowed modules are imported
    assert others <= {"mbr_pipeline", "connectors", "connectors.files"}
    assert not {name for name in found if name.split(".")[0] in ("duckdb", "dbt", "dagster", "sqlglot")}


def test_only_explanations_verification_and_deciding_use_the_second_engine() -> None:
    users = {
        module
        for module in _who_imports("mbr_pipeline.recompute")
        if not module.startswith(("mbr_pipeline/recompute/", "mbr_pipeline/explain/", "mbr_pipeline/decide/"))
    }
    assert users == {"mbr_pipeline/cli/verify/recompute.py"}


def _is_within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def test_nothing_imports_pandas() -> None:
    assert _who_imports("pandas") == set()


_IMPORT = """
import sys
touched = []
def watch(event, arguments):
    # some library asks the program `file` about the interpreter; whatever is ours carries our name
    ours = sys.argv[1] if event != "subprocess.Popen" else "mbr_pipeline"
    watched = ("open", "os.listdir", "os.scandir", "os.mkdir", "subprocess.Popen")
    if event in watched and ours in repr(arguments):
        touched.append(event)
sys.addaudithook(watch)
import mbr_pipeline.definitions
print(touched)
print([name for name in ("great_expectations", "dbt.cli.main") if name in sys.modules])
"""


def test_importing_the_definitions_touches_no_workspace_and_starts_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"MBR_WORKSPACE": str(tmp_path / "workspace")}
    command = [sys.executable, "-c", _IMPORT, str(tmp_path / "workspace")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]
    assert not (tmp_path / "workspace").exists()


def test_generated_worlds_share_nothing_with_what_they_test() -> None:
    folder = "mbr_pipeline/scaffold/world/"
    own = {
        found
        for module in MODULES
        if module.startswith(folder)
        for found in _imported((ROOT / module).read_text(encoding="utf-8"), module)
        if found.startswith(PACKAGES)
    }
    assert own
    assert {name for name in own if not f"{name}.".startswith("mbr_pipeline.scaffold.world.")} == set()
