"""A certificate that is forged, or does not cover the month, opens nothing, however publication is
launched (contract §6.1).

Belongs here: what is changed behind the audit's back. Does not: failed suites and controls
(``test_gate_launches``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expectations.boundary import SuiteResult
from mbr_pipeline.errors import GateClosed
from tests.defs.launches import LAUNCHES, PASSING, PUBLISH, Prepared
from tests.support.small import PERIOD, write


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
    "a file landed after loading": (_land_more, "landed files changed after"),
    "a rule changed after loading": (_change_rule, ": rules changed after"),
    "a policy changed after loading": (_raise_tolerance, "settings changed after"),
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
    with pytest.raises(GateClosed, match="changed after the month was loaded"):
        passed.month().publish()
    passed.assert_nothing_changed()


def test_a_passed_certificate_does_not_cover_tables_staged_later(passed: Prepared) -> None:
    good = passed.month().paths.certificate.read_text(encoding="utf-8")
    _land_more(passed)
    month = passed.month()
    month.load()
    assert all(node.succeeded for node in month.transform(passed.launcher.resource.transformer))
    month.audit(lambda suite, _: SuiteResult(suite.name, 1, 0, ()))
    later = _certificate(passed)
    _forge(passed, **(json.loads(good) | {"inputs_hash": later["inputs_hash"]}))
    with pytest.raises(GateClosed, match="not the one that was audited"):
        passed.month().publish()
    passed.assert_nothing_changed()


def test_a_file_that_lands_between_loading_and_audit_is_not_certified_unread(passed: Prepared) -> None:
    _land_more(passed)
    assert passed.month().audit()["gate"] == "passed"
    with pytest.raises(GateClosed, match="changed after the month was loaded"):
        passed.month().publish()
    passed.assert_nothing_changed()


def test_loading_or_transforming_again_takes_the_certificate_back(passed: Prepared) -> None:
    month = passed.month()
    month.transform(passed.launcher.resource.transformer, ["dim_client"])
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
    link = passed.root / "published" / PASSING / PERIOD
    before = link.readlink()
    for name, launch in LAUNCHES.items():
        # back to the version published before: that of an earlier launch must not pass for this one's
        again = link.with_name("again")
        again.symlink_to(before)
        again.replace(link)
        assert launch(passed.launcher, PASSING), name
        assert link.readlink() != before, name
