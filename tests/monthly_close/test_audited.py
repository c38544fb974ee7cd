"""A month from its raw tables to the audit, step by step (contract §6, decisions 3 and 4 of
docs/development/architecture.md).

Belongs here: ``mbr_pipeline.monthly_close`` with a real warehouse, its marts written by hand. Does not: dbt
(a stand-in notes what it is asked for) and the graph (tests/defs).
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.boundary import Suite, SuiteResult
from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.errors import GateClosed, MbrError
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import MonthPaths
from tests.monthly_close.months import _more_charges, hold, month_of
from tests.support.handmade_marts import write_marts
from tests.support.small import LANDED, write, write_msp


def _fail(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
    return SuiteResult(suite.name, 2, 1, ())


# ----- transforming


def _is_locked(month: MonthPaths) -> bool:
    """Whether a run in another process would have to wait for the month."""
    with month.lock_file.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Noting:
    """Stands in for the dbt process: notes what it is asked for, and whether anybody else could work on the
    month meanwhile.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[MonthPaths, Sequence[str], bool]] = []

    def build(self, month: MonthPaths, select: Sequence[str]) -> list[str]:
        self.asked.append((month, select, _is_locked(month)))
        return ["node"]


def test_dbt_is_asked_for_the_selection_under_the_months_lock_and_the_certificate_is_taken_back(
    built: MonthlyClose,
) -> None:
    built.audit(hold)
    dbt: Any = Noting()
    assert built.transform(dbt, ["dim_client"]) == ["node"]
    assert not built.paths.certificate.exists()
    built.transform(dbt)
    assert dbt.asked == [(built.paths, ["dim_client"], True), (built.paths, (), True)]


def test_nothing_is_transformed_or_audited_that_was_not_loaded(root: Path) -> None:
    dbt: Any = Noting()
    for step in (lambda: month_of(root).transform(dbt), lambda: month_of(root).audit(hold)):
        with pytest.raises(MbrError, match="acme 2026-10: nothing is loaded"):
            step()
    assert dbt.asked == []


def test_the_month_is_held_for_one_run_and_who_waits_for_it_is_told(root: Path) -> None:
    month = month_of(root)
    month.paths.folder.mkdir(parents=True)
    other = month.paths.lock_file.open("wb")
    fcntl.flock(other, fcntl.LOCK_EX)
    told: list[str] = []

    def tell() -> None:
        told.append("waits")
        other.close()  # the other run ends

    with month.locked(tell):
        assert _is_locked(month.paths)
    assert told == ["waits"]
    assert not _is_locked(month.paths)


# ----- auditing and publishing


def test_a_passed_audit_certifies_the_staged_tables_over_the_loaded_inputs(built: MonthlyClose) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    document = built.audit(hold)
    assert json.loads((built.paths.report / "gate.json").read_text(encoding="utf-8")) == document
    assert (document["gate"], document["msp_name"], document["input_hash"]) == (
        "passed",
        "acme",
        built.inputs_hash,
    )
    assert began <= datetime.fromisoformat(document["evaluated_at"]) <= began + timedelta(minutes=5)
    assert len(document["evaluated_at"]) == len("2026-11-05T06:00:00+00:00")
    assert document["warnings"] == []
    charges = built.paths.landing / "vendor/vendor_charges.csv"
    assert {file["path"]: file for file in document["inputs"]}["2026-10/vendor/vendor_charges.csv"] == {
        "path": "2026-10/vendor/vendor_charges.csv",
        "sha256": sha256_of(charges),
        "rows": 1,
        "bytes": charges.stat().st_size,
    }
    certificate = json.loads(built.paths.certificate.read_text(encoding="utf-8"))
    assert (certificate["passed"], certificate["inputs_hash"], set(certificate["suites"])) == (
        True,
        built.inputs_hash,
        {"raw", "marts", "invoice_ready"},
    )
    assert not (built.paths.report / "blocked").exists()

    files = built.publish()
    assert files == [str(built.paths.published / f"{name}.parquet") for name in sorted(ROW_ORDER)]
    assert all(
        Path(file).read_bytes() == (built.paths.candidate / Path(file).name).read_bytes() for file in files
    )


def test_the_audit_runs_great_expectations_unless_it_is_told_otherwise(built: MonthlyClose) -> None:
    document = built.audit()
    assert document["gate"] == "passed", document["suites"]
    assert [suite["evaluated"] for suite in document["suites"]] == [28, 21, 15]


def test_a_failed_suite_blocks_and_the_tables_are_kept_but_for_what_could_be_acted_on(
    built: MonthlyClose,
) -> None:
    document = built.audit(_fail)
    assert document["gate"] == "blocked"
    assert json.loads(built.paths.certificate.read_text(encoding="utf-8"))["passed"] is False
    kept = {path.stem for path in (built.paths.report / "blocked").iterdir()}
    assert kept == set(ROW_ORDER) - {"fct_invoice_lines_ready", "fct_psa_changes"}
    with pytest.raises(GateClosed):
        built.publish()
    assert not built.paths.published.exists()


def test_a_failed_control_blocks_though_every_suite_held(built: MonthlyClose) -> None:
    with duckdb.connect(str(built.paths.warehouse_file)) as connection:
        connection.execute("update marts.fct_control_totals set passed = false, control = 'ROW_REJECTED'")
    assert built.audit(hold)["reasons"] == ["ROW_REJECTED"]
    with pytest.raises(GateClosed, match="ROW_REJECTED"):
        built.publish()


def test_what_lands_after_loading_is_not_published_with_what_was_audited(built: MonthlyClose) -> None:
    built.audit(hold)
    _more_charges(built.paths.workspace.root)
    with pytest.raises(GateClosed, match="landed files changed after the month was loaded"):
        built.publish()


def test_what_is_published_is_in_the_catalogue_unless_that_is_put_off(built: MonthlyClose) -> None:
    built.audit(hold)
    catalogue = built.paths.workspace.catalogue
    built.publish(refreshes_catalogue=False)
    assert not catalogue.exists()
    built.publish()
    with duckdb.connect(str(catalogue), read_only=True) as connection:
        assert connection.execute("select distinct period from fct_reconciliation").fetchall() == [
            ("2026-10",)
        ]


def test_the_report_is_a_page_of_the_last_audit(built: MonthlyClose) -> None:
    built.audit(_fail)
    page = built.report()
    assert page == str(built.paths.report / "index.html")
    assert "SUITE_FAILED:marts" in Path(page).read_text(encoding="utf-8")


def test_the_frames_that_suites_see_are_those_of_the_staged_tables(built: MonthlyClose) -> None:
    seen: dict[str, int] = {}

    def look(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        seen.update({name: frame.num_rows for name, frame in frames.items()})
        return hold(suite, frames)

    built.audit(look)
    # seven declared datasets, seven facts, and one row each of what is counted once
    assert seen == {"datasets": 7, "controls": 1, "facts": 8, "tables": 1, "ready": 1}
    assert pq.read_metadata(built.paths.candidate / "fct_client_gate.parquet").num_rows == 3


def test_a_column_without_a_heading_is_named_as_such(root: Path) -> None:
    write_msp(root, "acme", {"psa/clients.csv": "client_id,client_name,,note\nC-1,Alder,x,y\n"})
    month = month_of(root)
    month.load()
    assert month._warnings() == [
        "2026-10/psa/clients.csv: columns that are none of the dataset's are kept in raw only: one without a"
        " heading, note"
    ]


# ----- the list of rejected rows


def test_every_rejected_row_is_in_a_file_beside_gate_json_until_nothing_is_rejected(
    root: Path, built: MonthlyClose
) -> None:
    head, line = LANDED["psa/clients.csv"].splitlines()
    names = [f"C-{number}," for number in range(2, 1_503)]  # 1,501 clients without a name
    write(root / "landing/acme/2026-10/psa/clients.csv", "\n".join([head, line, *names]) + "\n")
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file)) as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    document = month.audit(_fail)
    assert (document["rejected_count"], len(document["rejected_rows"]), document["rejected_file"]) == (
        1_501,
        1_000,
        "rejected.csv",
    )
    listed = (month.paths.report / "rejected.csv").read_text(encoding="utf-8").splitlines()
    assert listed[0] == "file,line,column,value,reason"
    assert [text.split(",")[:4] for text in listed[1:]] == [
        ["2026-10/psa/clients.csv", str(line), "client_name", ""] for line in range(3, 1_504)
    ]

    write_msp(root, "acme")
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file)) as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    assert month.audit(hold)["rejected_file"] is None
    assert not (month.paths.report / "rejected.csv").exists()


# ----- warnings


def test_warnings_name_what_was_passed_over_and_what_of_it_is_not_used(root: Path) -> None:
    columns = ",".join(f"c{n:02d}" for n in range(1, 13))
    write_msp(
        root,
        "acme",
        {
            # a semicolon for a comma is drift in its own period, which a control says; a file of an earlier
            # one no control looks at
            "psa/products.csv": "product_code;product_name\nSEAT;A seat\n",
            "psa/clients.csv": f"client_id,client_name,{columns}\nC-1,Alder,{','.join('x' * 12)}\n",
        },
    )
    write(root / "landing/acme/2026-09/psa/invoice_lines.csv", "a,b\n1,2\n")
    write(root / "landing/acme/2026-10/psa/notes.txt", "x")
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file)) as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    passed_over, extra, separator, *others = month.audit(hold)["warnings"]
    assert passed_over.startswith("2026-10/psa/notes.txt: ")
    # the first ten of the unknown columns are named
    assert (
        extra == "2026-10/psa/clients.csv: columns that are none of the dataset's are kept in raw only:"
        f" {columns[:39].replace(',', ', ')}"
    )
    assert separator.startswith("2026-10/psa/products.csv: the header has no comma")
    assert others == [
        "2026-09/psa/invoice_lines.csv: cannot be used, its columns or content are damaged; its lines are"
        " missing here"
    ]


def test_a_file_that_another_replaced_is_named_with_what_it_was(root: Path) -> None:
    path = root / "mbr.yml"
    text = path.read_text(encoding="utf-8")
    write(path, text.replace("vendor: {datasets", "vendor: {files: replace, datasets", 1))
    old = root / "landing/acme/2026-10/vendor/vendor_charges.csv"
    _more_charges(root)
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file)) as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    assert month.audit(hold)["superseded"] == [
        {
            "path": "2026-10/vendor/vendor_charges.csv",
            "sha256": sha256_of(old),
            "bytes": old.stat().st_size,
            "by": "2026-10/vendor/vendor_charges.more.csv",
        }
    ]
