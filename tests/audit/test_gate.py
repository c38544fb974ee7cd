"""The run gate: what a verdict follows from, what the certificate must cover, what gate.json says (contract
§6.1).

Belongs here: ``mbr_pipeline.audit.gate`` on suites and marts written by hand. Does not: launches against a
closed gate (tests/assets) and when a control fails (the worlds).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from expectations.boundary import FailedExpectation, Suite, SuiteResult
from mbr_pipeline.audit import certificate, gate, gate_document
from mbr_pipeline.audit.candidate_tables import ROW_ORDER, write_candidate
from mbr_pipeline.audit.certificate import check_certificate, write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict, run_suites
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.support.handmade_marts import Rows, write_marts

HELD = tuple(SuiteResult(name, 3, 3, ()) for name in ("raw", "marts", "invoice_ready"))
FAILED = FailedExpectation("ExpectSomething", "tables.keys_repeated", "it does not hold")


def _with(place: int, **changes: Any) -> tuple[SuiteResult, ...]:
    return tuple(replace(suite, **changes) if at == place else suite for at, suite in enumerate(HELD))


def test_the_three_boundaries_are_those_of_a_month() -> None:
    assert SUITE_NAMES == ("raw", "marts", "invoice_ready")
    assert tuple(suite.name for suite in gate.suites()) == SUITE_NAMES


VERDICTS: dict[str, tuple[Sequence[SuiteResult], Sequence[str], list[str]]] = {
    "every suite held and no control failed": (HELD, (), []),
    "in another order": (HELD[::-1], (), []),
    "a suite failed": (_with(1, failed=(FAILED,)), (), ["SUITE_FAILED:marts"]),
    "a suite was not evaluated in full": (_with(0, evaluated=2), (), ["SUITE_FAILED:raw"]),
    "a suite evaluated nothing": (_with(2, expected=0, evaluated=0), (), ["SUITE_FAILED:invoice_ready"]),
    "a suite did not run": (HELD[:2], (), ["SUITE_MISSING:invoice_ready"]),
    "one did not run and one failed": (
        _with(1, failed=(FAILED,))[1:],
        (),
        ["SUITE_FAILED:marts", "SUITE_MISSING:raw"],
    ),
    "two failed": (
        _with(1, evaluated=0)[:2] + (replace(HELD[2], evaluated=0),),
        (),
        ["SUITE_FAILED:invoice_ready", "SUITE_FAILED:marts"],
    ),
    "none ran": ((), (), ["SUITE_MISSING:invoice_ready", "SUITE_MISSING:marts", "SUITE_MISSING:raw"]),
    "controls failed, so suites did": (
        _with(0, evaluated=0),
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


@pytest.fixture
def month(tmp_path: Path) -> MonthPaths:
    """A month with its tables candidate and a certificate that covers them."""
    paths = WorkspacePaths(tmp_path).month("acme", Period("2026-10"))
    with connected(None, tmp_path / "tmp") as connection:
        write_marts(connection, schemas=("marts",))
        write_certificate(paths, Verdict(HELD, ()), write_candidate(connection, paths.candidate), "f00d")
    return paths


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
    write_certificate(month, Verdict(HELD, ("SOURCE_EMPTY", "ROW_REJECTED")), {}, "f00d")
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
    assert "changed since" in _closed(month, "beef")


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
    problems = certificate._certificate_problems(month, _read(month), "f00d")
    assert problems == ["not every table was audited", "table extra is not the one that was audited"]


# ----- gate.json


@pytest.fixture
def document(month: MonthPaths, tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Gives gate.json of the sound month with some tables changed."""
    context = {
        "msp_name": "Acme & Sons",
        "evaluated_at": "2026-11-05T06:00:00+00:00",
        "warnings": ["w"],
        "input_hash": "f00d",
    }
    with connected(None, tmp_path / "tmp") as connection:

        def _document(changes: Mapping[str, Rows], verdict: Verdict | None = None) -> dict[str, Any]:
            write_marts(connection, changes)
            inputs = [{"path": "2026-10/psa/clients.csv", "sha256": "0", "rows": 1, "bytes": 9}]
            return gate_document.gate_document(
                connection, month, verdict or Verdict(HELD, ()), inputs, context
            )

        yield _document


def test_gate_json_of_a_passed_month(document: Callable[..., dict[str, Any]]) -> None:
    covered = _control("COVERAGE_TOO_LOW", scope="USD", expected="0", actual="50", passed=True)
    assert document({"marts.fct_control_totals": [covered]}) == {
        "msp_id": "acme",
        "msp_name": "Acme & Sons",
        "period": "2026-10",
        "gate": "passed",
        "evaluated_at": "2026-11-05T06:00:00+00:00",
        "reasons": [],
        "controls": [],
        "suites": [
            {"name": name, "passed": True, "expected": 3, "evaluated": 3, "failed": []}
            for name in SUITE_NAMES
        ],
        "rejected_count": 0,
        "rejected_rows": [],
        "rejected_file": None,
        "coverage": [{"currency": "USD", "mapped": "50", "total": "100", "pct": "50"}],
        "residual": "0.00",
        "clients": {"pass": 1, "pass_with_waiver": 0, "hold": 1},
        "exceptions": {"UNDERBILLED_QUANTITY": 1},
        "money": [
            {
                "currency": "USD",
                "client_recoverable": "8.00",
                "client_refund": "0.00",
                "vendor_claim": "0.00",
                "vendor_liability": "0.00",
                "stranded": "0.00",
            }
        ],
        "inputs": [{"path": "2026-10/psa/clients.csv", "sha256": "0", "rows": 1, "bytes": 9}],
        "warnings": ["w"],
        "input_hash": "f00d",
    }


def test_gate_json_of_a_blocked_month_says_why(document: Callable[..., dict[str, Any]]) -> None:
    suites = _with(1, failed=(FAILED,))
    found = document({}, Verdict(suites, ()))
    assert (found["gate"], found["reasons"]) == ("blocked", ["SUITE_FAILED:marts"])
    assert found["suites"][1] == {
        "name": "marts",
        "passed": False,
        "expected": 3,
        "evaluated": 3,
        "failed": [
            {
                "expectation": "ExpectSomething",
                "subject": "tables.keys_repeated",
                "detail": "it does not hold",
            }
        ],
    }


def _control(
    control: str, source: str = "a", dataset: str = "d", scope: str = "s", message: str = "m", **more: Any
) -> dict[str, Any]:
    figures = {"expected": "10.5", "actual": "100", "difference": "-89.5"}
    return (
        {
            "control": control,
            "source": source,
            "dataset": dataset,
            "scope": scope,
            "message": message,
            "passed": False,
        }
        | figures
        | more
    )


def test_failed_controls_are_listed_in_order_with_plain_figures(
    document: Callable[..., dict[str, Any]],
) -> None:
    controls = [
        _control("C"),
        _control("B", "b"),
        _control("B", "a", "e"),
        _control("B", "a", "d", "t"),
        _control("B", "a", "d", "s", "n"),
        _control("B", expected="0", actual="0.000000000001", difference=None),
        _control("A", passed=True),
    ]
    found = document({"marts.fct_control_totals": controls})["controls"]
    listed = [(row["code"], row["source"], row["dataset"], row["scope"], row["message"]) for row in found]
    assert listed == [
        ("B", "a", "d", "s", "m"),
        ("B", "a", "d", "s", "n"),
        ("B", "a", "d", "t", "m"),
        ("B", "a", "e", "s", "m"),
        ("B", "b", "d", "s", "m"),
        ("C", "a", "d", "s", "m"),
    ]
    assert [found[0][name] for name in ("expected", "actual", "difference")] == ["0", "0.000000000001", None]
    assert [found[1][name] for name in ("expected", "actual", "difference")] == ["10.5", "100", "-89.5"]


def test_failed_controls_are_those_of_the_marts_each_once(tmp_path: Path) -> None:
    with connected(None, tmp_path / "tmp") as connection:
        controls = [_control("B"), _control("A"), _control("B", "b"), _control("C", passed=True)]
        write_marts(connection, {"marts.fct_control_totals": controls}, ("marts",))
        assert gate.failed_controls(connection) == ("A", "B")


def _reject(
    line: int, column: str = "amount", file: str = "f.csv", source: str = "psa", dataset: str = "clients"
) -> dict[str, Any]:
    return {
        "source": source,
        "dataset": dataset,
        "file": file,
        "line": line,
        "column_name": column,
        "value": "x",
        "reason": "r",
    }


def test_rejected_rows_are_counted_once_and_listed_with_every_fault(
    document: Callable[..., dict[str, Any]],
) -> None:
    rejects = [
        _reject(3),
        _reject(2, "b"),
        _reject(2, "a"),
        _reject(2, file="e.csv"),
        _reject(2, source="other"),
        _reject(2, dataset="products"),
    ]
    found = document({"raw.rejects": rejects})
    # line 2 of f.csv has two faults, and is another row for another source and for another dataset
    assert found["rejected_count"] == 5
    assert [(row["file"], row["line"], row["column"]) for row in found["rejected_rows"]] == [
        ("e.csv", 2, "amount"),
        ("f.csv", 2, "a"),
        ("f.csv", 2, "amount"),
        ("f.csv", 2, "amount"),
        ("f.csv", 2, "b"),
        ("f.csv", 3, "amount"),
    ]
    assert found["rejected_rows"][0] == {
        "file": "e.csv",
        "line": 2,
        "column": "amount",
        "value": "x",
        "reason": "r",
    }
    assert found["rejected_file"] == "rejected.csv"


def test_a_thousand_rejected_values_are_listed_and_all_rows_counted(
    month: MonthPaths, tmp_path: Path
) -> None:
    with connected(None, tmp_path / "tmp") as connection:
        write_marts(connection)
        connection.execute(
            "insert into raw.rejects select 's', 'd', 'f', i, 'c', 'v', 'r' from range(1001) as r(i)"
        )
        found = gate_document._rejects(connection)
    assert (found["rejected_count"], len(found["rejected_rows"])) == (1001, 1000)


COVERED = [
    ("USD", "33.333300000000", "100", "33.3333"),
    ("EUR", "0", "7", None),
    ("GBP", "-20", "-200", "10"),
]


def test_coverage_is_that_of_every_currency_in_plain_figures(document: Callable[..., dict[str, Any]]) -> None:
    columns = ("currency", "mapped_amount", "total_amount", "coverage_pct")
    rows = [dict(zip(columns, row, strict=True)) for row in COVERED]
    evaluated = [
        _control("COVERAGE_TOO_LOW", scope=row["currency"], actual=row["coverage_pct"] or "0") for row in rows
    ]
    assert document({"intermediate.int_coverage": rows, "marts.fct_control_totals": evaluated})[
        "coverage"
    ] == [
        {"currency": "EUR", "mapped": "0", "total": "7", "pct": None},
        {"currency": "GBP", "mapped": "-20", "total": "-200", "pct": "10"},
        {"currency": "USD", "mapped": "33.3333", "total": "100", "pct": "33.3333"},
    ]


def test_the_percentage_is_the_one_that_was_judged_and_there_is_none_where_none_was(
    document: Callable[..., dict[str, Any]],
) -> None:
    # 2 of 3 is 66.6667 % to four places, and below a policy of 66.6667 %: the control shows 66.6666
    rows = [
        {"currency": currency, "mapped_amount": "2", "total_amount": "3", "coverage_pct": "66.6667"}
        for currency in ("EUR", "USD")
    ]
    controls = [
        _control("COVERAGE_TOO_LOW", scope="USD", actual="66.6666"),
        _control("CONTROL_TOTAL_MISMATCH", scope="EUR", actual="5"),
    ]
    found = document({"intermediate.int_coverage": rows, "marts.fct_control_totals": controls})
    assert found["coverage"] == [{"currency": "USD", "mapped": "2", "total": "3", "pct": "66.6666"}]


@pytest.mark.parametrize(
    ("residuals", "text"),
    [
        ([], "0.00"),
        (["0.01", "-0.01"], "0.02"),
        (["-1"], "1.00"),
        (["0.001"], "0.0010"),
        (["0.0005", "0.0025"], "0.0030"),
        (["0.0004"], "0.0004"),
    ],
)
def test_residuals_never_offset_each_other(
    residuals: list[str], text: str, document: Callable[..., dict[str, Any]]
) -> None:
    rows = [
        {"client_id": f"C-{n}", "currency": "USD", "residual": residual}
        for n, residual in enumerate(residuals)
    ]
    assert document({"marts.fct_variance_bridge": rows})["residual"] == text


def test_a_client_counts_once_whatever_currencies_it_has(document: Callable[..., dict[str, Any]]) -> None:
    verdicts = [
        ("C-1", "USD", "PASS"),
        ("C-1", "EUR", "PASS"),
        ("C-2", "USD", "PASS"),
        ("C-3", "USD", "HOLD"),
        ("C-4", "USD", "PASS_WITH_WAIVER"),
    ]
    rows = [
        {"client_id": client, "currency": currency, "verdict": verdict}
        for client, currency, verdict in verdicts
    ]
    assert document({"marts.fct_client_gate": rows})["clients"] == {
        "pass": 2,
        "pass_with_waiver": 1,
        "hold": 1,
    }


IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


def _finding(code: str, currency: str | None, *amounts: str) -> dict[str, Any]:
    return {"exception_code": code, "currency": currency, **dict(zip(IMPACTS, amounts, strict=True))}


def test_money_is_summed_by_direction_and_currency_with_the_places_of_the_currency(
    document: Callable[..., dict[str, Any]],
) -> None:
    findings = [
        _finding("LATE_CHARGE", "USD", "1.10", "2.20", "3.30", "4.40", "5.50"),
        _finding("ROUNDING", "USD", "0.01", "0.01", "0", "0", "0"),
        _finding("UNUSED_LICENSES", "JPY", "7", "0", "1", "2", "3"),
        _finding("ROUNDING", "KWD", "0.001", "0.010", "1", "2", "3.5"),
        _finding("ROUNDING", "ONE", "0.1", "0", "1", "2.5", "3"),
        _finding("ROUNDING", "CLF", "0.0001", "0", "1", "2.5", "3"),
        *(
            _finding("ROUNDING", currency, "1", "1", "1", "1", "1")
            for currency in ("JPY", "KWD", "ONE", "CLF")
        ),
        _finding("UNMAPPED_SKU", None, "0", "0", "0", "0", "0"),
    ]
    found = document({"marts.fct_exceptions": findings})
    assert [tuple(row.values()) for row in found["money"]] == [
        ("CLF", "1.0001", "1.0000", "2.0000", "3.5000", "4.0000"),
        ("JPY", "8", "1", "2", "3", "4"),
        ("KWD", "1.001", "1.010", "2.000", "3.000", "4.500"),
        ("ONE", "1.1", "1.0", "2.0", "3.5", "4.0"),
        ("USD", "1.11", "2.21", "3.30", "4.40", "5.50"),
    ]
    assert list(found["money"][0]) == ["currency", *IMPACTS]
    assert list(found["exceptions"].items()) == [
        ("LATE_CHARGE", 1),
        ("ROUNDING", 8),
        ("UNMAPPED_SKU", 1),
        ("UNUSED_LICENSES", 1),
    ]
