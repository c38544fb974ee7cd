"""When a cause is told, and what it says: facts in, decision out (contract §11).

Belongs here: ``lifecycle`` and ``causes``, without clock, file or database. Does not: messages (test_outbox).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mbr_pipeline.alerts.causes import Cause, Fact, data_missing, gate_facts, snapshot_missed
from mbr_pipeline.alerts.lifecycle import Known, Step, step

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACT = Fact(Cause("acme", "2026-10", "GATE_BLOCKED"), "t", "x", "a", ("FILE_MISSING",))
FOLLOWS = Fact(Cause("acme", "2026-10", "SUITE_FAILED", "raw"), "t", "x", "a", follows=True)


def _known(
    told_ago: timedelta | None, *, is_open: bool = True, reasons: tuple[str, ...] = FACT.reasons
) -> Known:
    return Known(is_open, reasons, NOON - 9 * HOUR, None if told_ago is None else NOON - told_ago)


CASES = {
    "it begins": (None, FACT, Step(True, NOON, NOON, "firing")),
    "it stands": (_known(HOUR), FACT, Step(True, NOON - 9 * HOUR, NOON - HOUR, None)),
    "it stands for long": (_known(24 * HOUR), FACT, Step(True, NOON - 9 * HOUR, NOON, "firing")),
    "its reasons change": (_known(HOUR, reasons=("X",)), FACT, Step(True, NOON - 9 * HOUR, NOON, "firing")),
    "it ends": (_known(HOUR), None, Step(False, NOON - 9 * HOUR, None, "resolved")),
    "it ended before": (_known(None, is_open=False), None, None),
    "it never was": (None, None, None),
    "it begins again": (_known(None, is_open=False), FACT, Step(True, NOON, NOON, "firing")),
    "it follows from another": (None, FOLLOWS, Step(True, NOON, None, None)),
    "it ends untold": (_known(None), None, Step(False, NOON - 9 * HOUR, None, None)),
    "it follows no longer": (_known(None), FACT, Step(True, NOON - 9 * HOUR, NOON, "firing")),
    "the clock was set back": (_known(-1000 * HOUR), FACT, Step(True, NOON - 9 * HOUR, NOON, "firing")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_cause_is_told_when_it_begins_changes_stands_for_long_or_ends(name: str) -> None:
    known, fact, expected = CASES[name]
    assert step(known, fact, NOON, 24) == expected


def _document(gate: str, reasons: list[str], suites: dict[str, bool]) -> dict[str, object]:
    return {
        "msp_id": "acme",
        "period": "2026-10",
        "gate": gate,
        "reasons": reasons,
        "controls": [
            {"code": c, "source": "pax8", "scope": None, "message": "no \x1b file"} for c in reasons
        ],
        "suites": [
            {"name": n, "passed": p, "expected": 3, "evaluated": 3, "failed": []} for n, p in suites.items()
        ],
    }


def test_a_blocked_gate_is_one_cause_and_its_failed_suites_follow_from_it() -> None:
    document = _document("blocked", ["FILE_MISSING", "DRIFT"], {"raw": False, "marts": True})
    gate, suite = gate_facts(document, {"USD": "80.00"})
    assert gate.cause == Cause("acme", "2026-10", "GATE_BLOCKED")
    assert (gate.reasons, gate.money, gate.follows) == (("FILE_MISSING", "DRIFT"), {"USD": "80.00"}, False)
    assert gate.action == "mbr run --period 2026-10 --msp acme"
    assert "\x1b" not in gate.text
    assert (suite.cause.kind, suite.cause.subject, suite.follows) == ("SUITE_FAILED", "raw", True)


def test_a_passed_gate_is_no_cause() -> None:
    assert gate_facts(_document("passed", [], {"raw": True}), {}) == []


def test_data_is_missing_from_its_day_on() -> None:
    def found(day: int, missing: list[str]) -> Fact | None:
        return data_missing("acme", "2026-10", "pax8", missing, date(2026, 11, 5), date(2026, 11, day))

    assert found(4, ["clients"]) is None
    assert found(5, []) is None
    late = found(5, ["clients", "products"])
    assert late and late.cause == Cause("acme", "2026-10", "DATA_MISSING", "pax8")
    assert "clients, products" in late.text
    assert late.action == "mbr land FILE --period 2026-10 --msp acme --source pax8 --dataset clients"


def test_a_snapshot_is_missed_when_neither_yesterdays_nor_todays_was_taken() -> None:
    today = date(2026, 11, 5)

    def found(*days: int) -> Fact | None:
        return snapshot_missed("acme", "pax8", [date(2026, 11, day) for day in days], today)

    assert (found(), found(5), found(2, 4)) == (None, None, None)
    missed = found(2, 3)
    assert missed and missed.cause == Cause("acme", "2026-11", "SNAPSHOT_MISSED", "pax8")
    assert "from 2026-11-04 on" in missed.text


def test_the_id_of_a_cause_is_its_own() -> None:
    one = Cause("acme", "2026-10", "RUN_FAILED")
    others = [Cause("acme", "2026-10", "RUN_FAILED", "schedule"), Cause("acme", "2026-09", "RUN_FAILED")]
    assert one.cause_id == Cause("acme", "2026-10", "RUN_FAILED", None).cause_id
    assert len({one.cause_id, *(other.cause_id for other in others)}) == 3
