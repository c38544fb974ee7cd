"""Times a small month built from recorded statements against plain
``dagster-dbt``: ``python -m tools.measure_dbt``.

Three ways, in turns, so that other load on the machine affects all of them:

- recorded: ``mbr run`` as it is;
- plain: the same run, its step ``transform`` being ``DbtCliResource.cli(["build"]).stream()`` with row
  counts and column metadata; dbt finds the project parsed for the same month, which is its best case;
- plain, parsing anew: likewise, but the project was last parsed for another month, as happens whenever
  another MSP or month is built: the file to build in is part of dbt's profile, so dbt discards what it
  parsed.

What belongs here: that comparison (docs/decisions/0003). ``bench`` measures the whole pipeline against
a script by hand.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets

from bench.generate import MSP, PERIOD, generate
from bench.measure import measure
from bench.run import PRODUCED
from mbr_pipeline.cli import run
from mbr_pipeline.defs import transform
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.defs.transform.translation import Translator
from mbr_pipeline.periods import Period
from mbr_pipeline.transform.compiled_project import DbtProject
from mbr_pipeline.transform.project_folder import PROJECT
from mbr_pipeline.workspace.paths import WorkspacePaths

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
WAYS = ("recorded", "plain", "plain, parsing anew")


def plain_build(resource: WorkspaceResource, project: DbtProject) -> Any:
    """Return the models as assets that dagster-dbt builds by itself, in the place of ``transform.build``."""
    dbt = DbtCliResource(project_dir=str(PROJECT), profiles_dir=str(PROJECT), dbt_executable=str(BIN / "dbt"))

    @dbt_assets(  # type: ignore[untyped-decorator]
        manifest=project.manifest_path,
        exclude="tag:gated",
        name="transform",
        partitions_def=resource.partitions,
        dagster_dbt_translator=Translator(DagsterDbtTranslatorSettings(enable_asset_checks=True)),
    )
    def assets(context: dg.AssetExecutionContext) -> Iterator[Any]:
        month = resource.month(context.partition_key)
        os.environ |= _environment(month.paths.warehouse_file, month.paths.workspace.temporary)
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        with month.locked():
            month.paths.certificate.unlink(missing_ok=True)
            invocation = dbt.cli(arguments, context=context)
            yield from invocation.stream().fetch_row_counts().fetch_column_metadata()
        _let_go(invocation.adapter)

    return assets


def _let_go(adapter: Any) -> None:
    """Close what dagster-dbt keeps open to read from the month's file: the audit could not open it."""
    connections = adapter.connections
    for connection in connections.thread_connections.values():
        if connection.handle is not None:
            connections.close(connection)
    connections.env().close()
    connections.close_all_connections()


def _environment(warehouse_file: Path, temporary: Path) -> dict[str, str]:
    return {
        "MBR_WAREHOUSE_FILE": str(warehouse_file.resolve()),
        "MBR_TEMP_DIRECTORY": str(temporary.resolve()),
    }


class _NoProcess:
    """Replaces the process that ``mbr run`` starts: nothing is started."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def run_plain(workspace: Path) -> int:
    """Run the month with plain dagster-dbt; the exit code is that of ``mbr run``."""
    setattr(run, "Transformer", _NoProcess)  # noqa: B010
    setattr(transform, "build", plain_build)  # noqa: B010
    return run.run_command(WorkspacePaths(workspace), PERIOD, None, True)


def _one(way: str, workspace: Path) -> tuple[float, float, float]:
    """Run the month from nothing one way.

    Returns seconds: wall time of the whole command, of the step alone, and CPU time.
    """
    for name in PRODUCED:
        shutil.rmtree(workspace / name, ignore_errors=True)
    if way == "recorded":
        command = [str(BIN / "mbr"), "run", "--workspace", str(workspace), "--period", PERIOD, "--json"]
    else:
        _parse(workspace, MSP if way == "plain" else "another")
        command = [sys.executable, "-m", "tools.measure_dbt", "--plain", str(workspace)]
    taken = measure(command, ROOT)
    if taken.returncode:
        raise SystemExit(f"exit {taken.returncode} from {' '.join(command)}\n{taken.stdout}{taken.stderr}")
    timings = json.loads((workspace / "reports" / MSP / PERIOD / "timings.json").read_text(encoding="utf-8"))
    return taken.wall_seconds, float(timings["transform"]), taken.cpu_seconds


def _parse(workspace: Path, msp_id: str) -> None:
    """Leave the project parsed for the month of an MSP, untimed."""
    paths = WorkspacePaths(workspace)
    file = paths.month(msp_id, Period.parse(PERIOD)).warehouse_file
    command = [str(BIN / "dbt"), "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    environment = os.environ | _environment(file, paths.temporary)
    subprocess.run(command, env=environment, check=True, capture_output=True)


def main() -> int:
    """Print the medians."""
    parser = argparse.ArgumentParser(description="Time recorded statements against plain dagster-dbt.")
    parser.add_argument("--lines", type=int, default=1_000, help="rows per leg")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each way")
    parser.add_argument("--plain", type=Path, metavar="WORKSPACE", help="only run the month, plainly")
    arguments = parser.parse_args()
    if arguments.plain:
        return run_plain(arguments.plain)
    taken: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="measure-dbt-") as temporary:
        os.environ["DBT_TARGET_PATH"] = str(Path(temporary, "target"))
        workspace = Path(temporary, "workspace").resolve()
        generate(workspace, arguments.lines)
        _one("recorded", workspace)  # compiles what is compiled once, and fills the caches of the disk
        for _ in range(arguments.repeat):
            for way in WAYS:
                taken[way].append(_one(way, workspace))
                print(
                    f"{way}: %.2f s, step %.2f s, processors %.2f s" % taken[way][-1],
                    file=sys.stderr,
                    flush=True,
                )
    print(_table(taken))
    return 0


def _table(taken: dict[str, list[tuple[float, float, float]]]) -> str:
    rows = ["| medians, s | whole run | step `transform` | processors |", "|---|---:|---:|---:|"]
    for way, seconds in taken.items():
        whole, step, work = (statistics.median(column) for column in zip(*seconds, strict=True))
        rows.append(f"| {way} | {whole:.2f} | {step:.2f} | {work:.2f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
