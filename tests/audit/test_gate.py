"""The run gate: what a verdict follows from and what the certificate must cover (contract §6.1).

Belongs here: ``mbr_pipeline.audit.gate`` on suites and marts written by hand. Does not: what gate.json says
(``test_gate_document``), launches against a closed gate (tests/defs) and when a control fails (the worlds).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from expectations.boundary import FailedExpectation, Suite, SuiteResult
from mbr_pipeline.audit import certificate, gate
from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.audit.certificate import check_certificate, write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict, run_suites
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.workspace.paths import MonthPaths
from tests.audit.suites import FAILED, HELD, suites_with


def test_the_three_boundaries_are_those_of_a_month() -> None:
    assert SUITE_NAMES == ("raw", "marts", "invoice_ready")
    assert tuple(suite.name for suite in gate.suites()) == SUITE_NAMES


VERDICTS: dict[str, tuple[Sequence[SuiteResult], Sequence[str], list[str]]] = {
    "every suite held and no control failed": (HELD, (), []),
    "in another order": (HELD[::-1], (), []),
    "a suite failed": (suites_with(1, failed=(FAILED,)), (), ["SUITE_FAILED:marts"]),
    "a suite was not evaluated in full": (suites_with(0, evaluated=2), (), ["SUITE_FAILED:raw"]),
    "a suite evaluated nothing": (
        suites_with(2, expected=0, evaluated=0),
        (),
        ["SUITE_FAILED:invoice_ready"],
    ),
    "a suite did not run": (HELD[:2], (), ["SUITE_MISSING:invoice_ready"]),
    "one did not run and one failed": (
        suites_with(1, failed=(FAILED,))[1:],
        (),
        ["SUITE_FAILED:marts", "SUITE_MISSING:raw"],
    ),
    "two failed": (
        suites_with(1, evaluated=0)[:2] + (replace(HELD[2], evaluated=0),),
        (),
        ["SUITE_FAILED:invoice_ready", "SUITE_FAILED:marts"],
    ),
    "none ran": ((), (), ["SUITE_MISSING:invoice_ready", "SUITE_MISSING:marts", "SUITE_MISSING:raw"]),
    "controls failed, so suites did": (
        suites_with(0, evaluated=0),
        ("SOURCE_EMPTY", "ROW_REJECTED"),
        ["ROW_REJECTED", "SOURCE_EMPTY"],
    ),
    "controls failed and no suite saw it": (HELD, ("ROW_REJECTED",), ["ROW_REJECTED"]),
    "a suite of another name ran as well": ((*HELD, SuiteResult("other", 1, 1, ())), (), []),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_the_month_passes_only_if_every_suite_held_in_full_and_no_control_failed(case: str) -> None:
    suites, controls, reasons = VERDICTS[case]
    verdict = Verdict(tuple(suites), tuple(controls))
    assert verdict.reasons == reasons
    assert verdict.passed is (case in ("every suite held and no control failed", "in another order"))


def test_a_suite_that_raises_has_failed_and_stops_no_other() -> None:
    def run(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        assert frames == {"a": 1}
        if suite.name == "marts":
            raise ZeroDivisionError("with a value of the data")
        return SuiteResult(suite.name, 1, 1, ())

    raw, marts, ready = run_suites({"a": 1}, run)
    assert (raw, ready) == (SuiteResult("raw", 1, 1, ()), SuiteResult("invoice_ready", 1, 1, ()))
    assert marts == SuiteResult(
        "marts", 21, 0, (FailedExpectation("suite", "marts", "it could not run: ZeroDivisionError"),)
    )


# ----- the certificate

Files = Callable[[], MonthPaths]


def _read(month: MonthPaths) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(month.certificate.read_text(encoding="utf-8"))
    return content


def _forge(month: MonthPaths, **changes: Any) -> None:
    month.certificate.write_text(json.dumps(_read(month) | changes), encoding="utf-8")


def test_a_certificate_says_what_it_is_about_and_opens_the_gate(month: MonthPaths) -> None:
    certificate = _read(month)
    assert {
        name: certificate[name] for name in ("msp_id", "period", "passed", "reasons", "inputs_hash", "suites")
    } == {
        "msp_id": "acme",
        "period": "2026-10",
        "passed": True,
        "reasons": [],
        "inputs_hash": "f00d",
        "suites": {name: {"passed": True, "expected": 3, "evaluated": 3} for name in SUITE_NAMES},
    }
    assert list(certificate["tables"]) == list(ROW_ORDER)
    assert certificate["tables"]["fct_client_gate"]["rows"] == 3
    assert len(certificate["tables"]["fct_client_gate"]["sha256"]) == 64
    check_certificate(month, "f00d")


def _closed(month: MonthPaths, inputs: str = "f00d") -> str:
    with pytest.raises(GateClosed) as caught:
        check_certificate(month, inputs)
    assert caught.value.exit_code == 3
    message = str(caught.value)
    assert message.startswith("acme 2026-10: ")
    assert "run `mbr run --period 2026-10 --msp acme`" in message
    return message


def test_the_verdict_of_a_blocked_month_closes_it_with_its_reasons(month: MonthPaths) -> None:
    write_certificate(month, Verdict(HELD, ("SOURCE_EMPTY", "ROW_REJECTED")), {}, "f00d", "0" * 64)
    assert "(ROW_REJECTED, SOURCE_EMPTY)" in _closed(month)
    _forge(month, reasons=[])
    assert "(not passed)" in _closed(month)


def test_without_a_readable_certificate_nothing_is_published(month: MonthPaths) -> None:
    month.certificate.write_bytes(b"\xff{")
    assert "no gate certificate" in _closed(month)
    month.certificate.write_text("{", encoding="utf-8")
    assert "no gate certificate" in _closed(month)
    month.certificate.unlink()
    assert "no gate certificate" in _closed(month)


def test_other_inputs_than_the_audited_ones_close_it(month: MonthPaths) -> None:
    assert "changed since the month was loaded" in _closed(month, "beef")


SUITE = {"passed": True, "expected": 3, "evaluated": 3}


SUITES = dict.fromkeys(SUITE_NAMES, SUITE)


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "another MSP's": ({"msp_id": "other"}, "another month"),
    "another period's": ({"period": "2026-09"}, "another month"),
    "passed as a text": ({"passed": "true"}, "not passed"),
    "passed as a number": ({"passed": 1}, "not passed"),
    "not passed": ({"passed": False}, "not passed"),
    "no suites": ({"suites": {}}, "not every suite"),
    "a suite less": ({"suites": {"raw": SUITE, "marts": SUITE}}, "not every suite"),
    "a suite more": ({"suites": {**SUITES, "other": SUITE}}, "not every suite"),
    "a suite that failed": ({"suites": {**SUITES, "marts": SUITE | {"passed": False}}}, "not every suite"),
    "a suite that passed as a number": (
        {"suites": {**SUITES, "marts": SUITE | {"passed": 1}}},
        "not every suite",
    ),
    "a suite that expected nothing": (
        {"suites": {**SUITES, "raw": {"passed": True, "expected": 0, "evaluated": 0}}},
        "not every suite",
    ),
    "a suite that says nothing of what it expected": (
        {"suites": {**SUITES, "raw": {"passed": True}}},
        "not every suite",
    ),
    "a suite evaluated in part": ({"suites": {**SUITES, "raw": SUITE | {"evaluated": 2}}}, "not every suite"),
    "a suite evaluated beyond": ({"suites": {**SUITES, "raw": SUITE | {"evaluated": 4}}}, "not every suite"),
    "no tables": ({"tables": {}}, "not every table"),
    "nothing at all": (dict.fromkeys(("msp_id", "period", "passed", "inputs_hash"), None), "another month"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_certificate_of_something_else_opens_nothing(case: str, month: MonthPaths) -> None:
    changes, reason = FORGED[case]
    _forge(month, **changes)
    assert reason in _closed(month)


def test_a_suite_that_evaluated_one_expectation_and_held_is_a_suite_that_held(month: MonthPaths) -> None:
    _forge(month, suites={**SUITES, "raw": {"passed": True, "expected": 1, "evaluated": 1}})
    check_certificate(month, "f00d")


def test_without_any_of_its_keys_a_certificate_opens_nothing(month: MonthPaths) -> None:
    good = month.certificate.read_text(encoding="utf-8")
    for key in ("msp_id", "period", "passed", "suites", "inputs_hash", "tables"):
        month.certificate.write_text(good.replace(f'"{key}"', f'"no {key}"', 1), encoding="utf-8")
        _closed(month)
    month.certificate.write_text(good.replace('"reasons"', '"no reasons"'), encoding="utf-8")
    check_certificate(month, "f00d")


def test_a_table_that_is_not_the_audited_one_closes_it(month: MonthPaths) -> None:
    tables = _read(month)["tables"]
    _forge(month, tables={name: facts for name, facts in tables.items() if name != "dim_client"})
    assert "not every table" in _closed(month)
    _forge(month, tables={**tables, "dim_client": {"rows": 0}})
    assert "table dim_client is not the one" in _closed(month)
    _forge(month, tables=tables)
    check_certificate(month, "f00d")

    candidate = month.candidate / "dim_client.parquet"
    content = candidate.read_bytes()
    candidate.write_bytes(content + b"\0")
    assert "table dim_client is not the one" in _closed(month)
    candidate.unlink()
    assert "table dim_client is not the one" in _closed(month)
    candidate.write_bytes(content)
    check_certificate(month, "f00d")


def test_a_table_that_is_none_of_ours_closes_it_even_if_it_is_there(month: MonthPaths) -> None:
    tables = _read(month)["tables"]
    path = month.candidate / "fct_client_gate.parquet"
    (month.candidate / "extra.parquet").write_bytes(path.read_bytes())
    _forge(month, tables={**tables, "extra": tables["fct_client_gate"]})
    problems = [each.text for each in certificate.problems_of_certificate(month, "f00d")]
    assert problems == ["not every table was audited", "table extra is not the one that was audited"]
