"""A month built from recorded statements is the month that dbt itself builds on the same raw tables.

Belongs here: every table and view of both, with types and rows. Does not: choosing and order of nodes
(``test_recorded_build``).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.transform.recorded_build import RecordedBuild
from tests.monthly_close.months import month_of
from tests.support.small import settings, write, write_msp

DBT = (
    "import sys; from pathlib import Path; from mbr_pipeline.transform import recording;"
    " recording._dbt('build', Path(sys.argv[1]), Path(sys.argv[2]), *recording._NEVER_BUILT)"
)


def _content(file: Path) -> dict[str, tuple[list[tuple[str, str]], list[str]]]:
    """Types and sorted rows of every table and view that dbt makes."""
    with duckdb.connect(file, read_only=True) as month:
        month.execute("set global TimeZone = 'UTC'")
        names = month.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema <> 'raw'"
        ).fetchall()
        return {
            name: (
                [
                    (column[0], str(column[1]))
                    for column in month.execute(f"select * from {name}").description
                ],
                sorted(map(repr, month.fetchall())),
            )
            for (name,) in names
        }


def test_the_recorded_build_makes_what_dbt_makes(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(["acme"]))
    write_msp(root, "acme")
    month = month_of(root)
    month.load()
    by_dbt = tmp_path / "by dbt" / "month.duckdb"
    by_dbt.parent.mkdir()
    shutil.copy(month.paths.warehouse_file, by_dbt)
    done = subprocess.run(
        [sys.executable, "-c", DBT, str(tmp_path / "target"), str(by_dbt)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(month.paths.warehouse_file) as connection:
        results = RecordedBuild.read(dbt_project().statements_path).run(connection)
    assert {result["status"] for result in results} == {"success", "pass"}
    recorded, expected = _content(month.paths.warehouse_file), _content(by_dbt)
    assert recorded.keys() == expected.keys() and len(recorded) > 80
    assert sum(len(rows) for _, rows in expected.values()) > 100
    for name, content in expected.items():
        assert recorded[name] == content, name
