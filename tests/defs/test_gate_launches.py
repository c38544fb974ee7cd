"""Whatever fails the gate, and however publication is launched: nothing published changes (contract §6.1,
decision 4 of docs/development/architecture.md).

Belongs here: every suite and every control code against every kind of launch, and forged certificates. Does
not: when a control fails (the worlds) and what a suite expects. A month is built once per cause; the launches
then differ from the audit on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations import runner
from expectations.boundary import FailedExpectation, Suite, SuiteResult
from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.audit.gate import SUITE_NAMES
from mbr_pipeline.cli.run import run_command
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.launching import Launcher, bytes_below
from tests.support.small import LANDED, PERIOD, changed, settings, write, write_msp

# what the landing zone must lack or hold for each control code of contract §5 to fail, and no other
BREAKS: dict[str, dict[str, str | None]] = {
    "SOURCE_MISSING": {"vendor/license_counts.csv": None},
    "SOURCE_EMPTY": {"vendor/license_counts.csv": LANDED["vendor/license_counts.csv"].splitlines()[0] + "\n"},
    "SCHEMA_DRIFT": changed("vendor/vendor_charges.csv", "quantity,unit_cost", "seats,unit_cost"),
    "ROW_REJECTED": changed("vendor/vendor_charges.csv", "50.00", "5O.00"),
    "REFERENCE_MISSING": changed("psa/invoice_lines.csv", "I-1,C-1,SEAT", "I-1,C-1,CHAIR"),
    "CONTROL_TOTAL_MISMATCH": changed("vendor/vendor_invoices.csv", "50.00", "50.01"),
    "COVERAGE_TOO_LOW": {},
}
UNMAPPED = {"sku_map.csv": "source,sku_id,product_code\n"}
PASSING = "passing"
AFTER_THE_MARTS = [
    "audit/evaluation",
    "audit/gate",
    "report/close_report",
    *(f"publish/{name}" for name in ROW_ORDER),
]
PUBLISH = dg.AssetSelection.groups("publish")
WITHOUT_CHECKS = dg.AssetSelection.groups("audit", "report", "publish").without_checks()

LAUNCHES: dict[str, Callable[[Launcher, str], bool]] = {
    "the job": lambda launcher, msp: launcher.close_month(msp, PERIOD, AFTER_THE_MARTS),
    "the job without checks": lambda launcher, msp: launcher.materialize(msp, PERIOD, WITHOUT_CHECKS),
    "publish alone in a later run": lambda launcher, msp: launcher.materialize(msp, PERIOD, PUBLISH),
}


class FailOne:
    """Runs suites for real but lets the one named in ``failing`` fail."""

    failing = ""

    def __call__(self, suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        """Stand in for ``expectations.runner.run``."""
        result = runner.run(suite, frames)
        if suite.name != self.failing:
            return result
        return SuiteResult(
            suite.name,
            result.expected,
            result.evaluated,
            (FailedExpectation("Planted", suite.name, "fails"),),
        )


class Prepared:
    """A workspace with an earlier publication, after its months were built again from other files."""

    def __init__(self, root: Path, launcher: Launcher, fail_one: FailOne) -> None:
        """Remember what is published now."""
        self.root, self.launcher, self.fail_one = root, launcher, fail_one
        self.published = bytes_below(root / "published")

    def month(self, msp_id: str = PASSING) -> MonthlyClose:
        """Open a month."""
        return MonthlyClose.of(WorkspacePaths(self.root), msp_id, PERIOD)

    def assert_nothing_changed(self) -> None:
        """Every byte below published/ is what it was."""
        assert len(self.published) > len(ROW_ORDER)
        assert bytes_below(self.root / "published") == self.published


@pytest.fixture(scope="module")
def prepared(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """One MSP whose month passes and one per control code whose month blocks, all built by one `mbr run`
    after a first publication.
    """
    root = tmp_path_factory.mktemp("gate") / "workspace"
    write(root / "mbr.yml", settings([PASSING, *BREAKS], 'policies: {min_coverage_pct: "50"}\n'))
    write_msp(root, PASSING)
    fail_one = FailOne()
    launcher = Launcher(root, transformer, fail_one)
    assert launcher.close_month(PASSING, PERIOD), (
        "the small workspace must pass before anything is broken in it"
    )
    for code, files in BREAKS.items():
        # stands for what the MSP published before: any bytes will do, they must only stay
        shutil.copytree(root / "published" / PASSING, root / "published" / code)
        write_msp(root, code, files, UNMAPPED if code == "COVERAGE_TOO_LOW" else None)
    # still right, but no longer what is published: a publication that should not be would show
    write_msp(root, PASSING, changed("psa/clients.csv", "Alder & Sons", "Alder & Daughters"))
    month = MonthlyClose.of(WorkspacePaths(root), PASSING, PERIOD)
    month.load()
    assert all(node.succeeded for node in month.transform(transformer))
    yield Prepared(root, launcher, fail_one)


@pytest.fixture(scope="module")
def ran(prepared: Prepared) -> dict[str, Any]:
    """What the function behind `mbr run` said of each broken MSP, with its exit codes; it builds their months
    as well.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(prepared.root / ".dagster"))
        patch.setenv("MBR_WORKSPACE", str(prepared.root))
        settings_text = (prepared.root / "mbr.yml").read_text(encoding="utf-8")
        # one run over all of them: the passing MSP is left out so that its month stays unpublished
        write(prepared.root / "mbr.yml", settings(BREAKS, 'policies: {min_coverage_pct: "50"}\n'))
        exit_code = run_command(WorkspacePaths(prepared.root), PERIOD, None, as_json=True)
        write(prepared.root / "mbr.yml", settings_text)
    return {"exit": exit_code}


def _gate_json(prepared: Prepared, msp_id: str) -> dict[str, Any]:
    path = prepared.root / "reports" / msp_id / PERIOD / "gate.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("code", BREAKS)
def test_mbr_run_publishes_nothing_of_a_month_with_a_failed_control(
    code: str, prepared: Prepared, ran: dict[str, Any]
) -> None:
    document = _gate_json(prepared, code)
    assert (document["gate"], document["reasons"], ran["exit"]) == ("blocked", [code], 3)
    prepared.assert_nothing_changed()


@pytest.mark.usefixtures("ran")
@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize("code", BREAKS)
def test_no_launch_publishes_a_month_with_a_failed_control(
    code: str, launch: str, prepared: Prepared
) -> None:
    prepared.fail_one.failing = ""
    assert not LAUNCHES[launch](prepared.launcher, code)
    assert _gate_json(prepared, code)["reasons"] == [code]
    prepared.assert_nothing_changed()


@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize("suite", SUITE_NAMES)
def test_no_launch_publishes_a_month_with_a_failed_suite(suite: str, launch: str, prepared: Prepared) -> None:
    prepared.fail_one.failing = suite
    if "alone" in launch:
        prepared.month().audit(prepared.fail_one)
    assert not LAUNCHES[launch](prepared.launcher, PASSING)
    assert _gate_json(prepared, PASSING)["reasons"] == [f"SUITE_FAILED:{suite}"]
    prepared.assert_nothing_changed()


def test_a_suite_that_raises_has_failed(prepared: Prepared) -> None:
    def raising(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        raise RuntimeError("no")

    document = prepared.month().audit(raising)
    assert document["reasons"] == [f"SUITE_FAILED:{name}" for name in sorted(SUITE_NAMES)]
    with pytest.raises(GateClosed):
        prepared.month().publish()
    prepared.assert_nothing_changed()


def test_a_suite_that_evaluated_nothing_has_failed(prepared: Prepared) -> None:
    document = prepared.month().audit(lambda suite, _: SuiteResult(suite.name, 0, 0, ()))
    assert document["gate"] == "blocked"
    with pytest.raises(GateClosed):
        prepared.month().publish()
    prepared.assert_nothing_changed()


@pytest.mark.usefixtures("ran")
def test_the_whole_graph_without_its_checks_publishes_nothing_of_a_blocked_month(prepared: Prepared) -> None:
    everything = dg.AssetSelection.all() - dg.AssetSelection.all_asset_checks()
    assert not prepared.launcher.materialize("ROW_REJECTED", PERIOD, everything)
    prepared.assert_nothing_changed()


@pytest.mark.usefixtures("ran")
def test_dagsters_own_command_line_publishes_nothing_of_a_blocked_month(prepared: Prepared) -> None:
    home = prepared.root / ".dagster"
    environment = os.environ | {"DAGSTER_HOME": str(home), "MBR_WORKSPACE": str(prepared.root)}
    command = [
        sys.executable,
        "-m",
        "dagster",
        "asset",
        "materialize",
        "-m",
        "mbr_pipeline.definitions",
        "--select",
        "*",
    ]
    done = subprocess.run(
        [*command, "--partition", f"SOURCE_EMPTY|{PERIOD}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode != 0
    assert "audit__gate" in done.stderr, done.stderr[-2000:]
    assert "publish - STEP_START" not in done.stderr
    prepared.assert_nothing_changed()


def _certificate(prepared: Prepared) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(prepared.month().paths.certificate.read_text(encoding="utf-8"))
    return content


def _forge(prepared: Prepared, **changes: Any) -> None:
    path = prepared.month().paths.certificate
    path.write_text(json.dumps(_certificate(prepared) | changes), encoding="utf-8")


def _edit_staged_table(prepared: Prepared) -> None:
    path = prepared.month().paths.candidate / "fct_client_gate.parquet"
    pq.write_table(pq.read_table(path), path)  # equal rows, other bytes


def _land_more(prepared: Prepared) -> None:
    write(
        prepared.root / "landing" / PASSING / PERIOD / "psa/clients.more.csv",
        "client_id,client_name\nC-2,Birch\n",
    )


def _raise_tolerance(prepared: Prepared) -> None:
    path = prepared.root / "mbr.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("policies: {", "policies: {rounding_tolerance: 5, "),
        encoding="utf-8",
    )


def _change_rule(prepared: Prepared) -> None:
    path = prepared.root / "rules" / PASSING / "sku_map.csv"
    path.write_text(path.read_text(encoding="utf-8") + "vendor,SKU-2,SEAT\n", encoding="utf-8")


def _remove_staged_table(prepared: Prepared) -> None:
    (prepared.month().paths.candidate / "fct_exceptions.parquet").unlink()


def _without_suites(prepared: Prepared) -> None:
    _forge(prepared, suites={})


def _without_one_suite(prepared: Prepared) -> None:
    ran_suites = _certificate(prepared)["suites"]
    del ran_suites["marts"]
    _forge(prepared, suites=ran_suites)


def _half_evaluated(prepared: Prepared) -> None:
    ran_suites = _certificate(prepared)["suites"]
    ran_suites["raw"]["evaluated"] -= 1
    _forge(prepared, suites=ran_suites)


def _without_a_table(prepared: Prepared) -> None:
    tables = _certificate(prepared)["tables"]
    del tables["fct_invoice_lines_ready"]
    _forge(prepared, tables=tables)


TAMPERING: dict[str, tuple[Callable[[Prepared], None], str]] = {
    "a candidate table rewritten with equal rows": (_edit_staged_table, "fct_client_gate"),
    "a candidate table removed": (_remove_staged_table, "fct_exceptions"),
    "a file landed after loading": (_land_more, "changed since"),
    "a rule changed after loading": (_change_rule, "changed since"),
    "a policy changed after loading": (_raise_tolerance, "changed since"),
    "no suites": (_without_suites, "suite"),
    "a suite less": (_without_one_suite, "suite"),
    "an expectation not evaluated": (_half_evaluated, "suite"),
    "a table less": (_without_a_table, "table"),
    "passed as a text": (lambda p: _forge(p, passed="true"), "not passed"),
    "another MSP's": (lambda p: _forge(p, msp_id="other"), "another month"),
    "another period's": (lambda p: _forge(p, period="2026-09"), "another month"),
    "not JSON": (
        lambda p: p.month().paths.certificate.write_text("{", encoding="utf-8") and None,
        "no gate certificate",
    ),
    "none": (lambda p: p.month().paths.certificate.unlink(), "no gate certificate"),
}


@pytest.fixture
def passed(prepared: Prepared, tmp_path: Path) -> Iterator[Prepared]:
    """The passing month just audited and not published; whatever a test tampers with is put back
    afterwards.
    """
    prepared.fail_one.failing = ""
    month = prepared.month()
    assert month.audit()["gate"] == "passed"
    touched = [month.paths.folder, month.paths.landing, prepared.root / "rules" / PASSING]
    kept = [shutil.copytree(folder, tmp_path / str(n)) for n, folder in enumerate(touched)]
    settings_text = (prepared.root / "mbr.yml").read_text(encoding="utf-8")
    yield prepared
    write(prepared.root / "mbr.yml", settings_text)
    for folder, copy in zip(touched, kept, strict=True):
        shutil.rmtree(folder)
        shutil.copytree(copy, folder)


@pytest.mark.parametrize("tampering", TAMPERING)
def test_a_certificate_that_does_not_cover_the_month_opens_nothing(tampering: str, passed: Prepared) -> None:
    tamper, reason = TAMPERING[tampering]
    tamper(passed)
    with pytest.raises(GateClosed, match=reason):
        passed.month().publish()
    assert not passed.launcher.materialize(PASSING, PERIOD, PUBLISH)
    passed.assert_nothing_changed()


def test_a_failed_certificate_edited_to_passed_opens_nothing(passed: Prepared) -> None:
    good = _certificate(passed)
    passed.month().audit(lambda suite, _: SuiteResult(suite.name, 2, 1, ()))
    _forge(passed, passed=True, reasons=[])
    with pytest.raises(GateClosed, match="suite"):
        passed.month().publish()
    _forge(passed, passed=True, reasons=[], suites=good["suites"], inputs_hash="0" * 64)
    with pytest.raises(GateClosed, match="changed since"):
        passed.month().publish()
    passed.assert_nothing_changed()


def test_a_passed_certificate_does_not_cover_tables_staged_later(passed: Prepared) -> None:
    good = passed.month().paths.certificate.read_text(encoding="utf-8")
    _land_more(passed)
    month = passed.month()
    month.load()
    assert all(node.succeeded for node in month.transform(passed.launcher.house.transformer))
    month.audit(lambda suite, _: SuiteResult(suite.name, 1, 0, ()))
    later = _certificate(passed)
    _forge(passed, **(json.loads(good) | {"inputs_hash": later["inputs_hash"]}))
    with pytest.raises(GateClosed, match="not the one that was audited"):
        passed.month().publish()
    passed.assert_nothing_changed()


def test_a_file_that_lands_between_loading_and_audit_is_not_certified_unread(passed: Prepared) -> None:
    _land_more(passed)
    assert passed.month().audit()["gate"] == "passed"
    with pytest.raises(GateClosed, match="changed since"):
        passed.month().publish()
    passed.assert_nothing_changed()


def test_loading_or_transforming_again_takes_the_certificate_back(passed: Prepared) -> None:
    month = passed.month()
    month.transform(passed.launcher.house.transformer, ["dim_client"])
    with pytest.raises(GateClosed, match="no gate certificate"):
        month.publish()
    month.audit()
    month.load()
    with pytest.raises(GateClosed, match="no gate certificate"):
        month.publish()
    passed.assert_nothing_changed()


def test_every_kind_of_launch_publishes_once_the_gate_is_open(passed: Prepared) -> None:
    """The counterpart, and last here: without it the tests above would also hold for launches that never
    publish.
    """
    before = passed.published[f"{PASSING}/{PERIOD}/dim_client.parquet"]
    published = passed.root / "published" / PASSING / PERIOD / "dim_client.parquet"
    for name, launch in LAUNCHES.items():
        published.write_bytes(before)
        assert launch(passed.launcher, PASSING), name
        assert published.read_bytes() != before, name
