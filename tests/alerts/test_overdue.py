"""A month that is not closed by its day is told until it is (contract §9, §11).

Belongs here: the cause CLOSE_OVERDUE over real closes, on fixed days. Does not: closing.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mbr_pipeline.alerts.delivery import send_all
from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.alerts.watch import look, outbox_of, record_gate
from tests.alerts.conftest import SECRET, channels
from tests.release.standing import Standing
from tests.release.test_status import PASSED
from tests.support.sinks import MailSink, WebSink
from tests.support.small import PERIOD, write

CLOSE = f"mbr close --period {PERIOD} --msp acme"
RUN = f"mbr run --period {PERIOD} --msp acme"
READY = PASSED | {"fct_line_dispositions": []}
BLOCKED = {
    "msp_id": "acme",
    "period": PERIOD,
    "gate": "blocked",
    "reasons": ["ROW_REJECTED"],
    "controls": [],
    "suites": [],
}
PASSED_GATE = BLOCKED | {"gate": "passed", "reasons": []}


def _at(day: int, month: int = 11, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
def standing(tmp_path: Path, web: WebSink, post: MailSink, monkeypatch: pytest.MonkeyPatch) -> Standing:
    monkeypatch.setenv("T_OPS_URL", web.url)
    monkeypatch.setenv("T_OPS_SECRET", SECRET)
    monkeypatch.delenv("MBR_LEDGER_URL", raising=False)
    return Standing(tmp_path, channels(post))


def _box(standing: Standing) -> Outbox:
    box = outbox_of(standing.workspace)
    assert box
    return box


def _stands(standing: Standing, at: datetime) -> list[dict[str, object]]:
    """Look and send, as a round at this time does, and return the cause where it stands."""
    look(standing.workspace, _box(standing), at)
    _box(standing).repeat(at)
    send_all(_box(standing), even_paused=True, time_of=lambda: at)
    return [cause for cause in _box(standing).standing() if cause["cause"] == "CLOSE_OVERDUE"]


def _told(web: WebSink) -> list[tuple[str, str]]:
    """Return what a webhook was told of closing, in order: status and time."""
    messages = [json.loads(body) for body, _ in web.got]
    return [(m["status"], m["at"][:13]) for m in messages if m["cause"] == "CLOSE_OVERDUE"]


def test_a_month_is_overdue_from_the_tenth_until_it_is_closed(standing: Standing, web: WebSink) -> None:
    standing.audited(READY)
    assert _stands(standing, _at(9, hour=23)) == []
    [cause] = _stands(standing, _at(10, hour=0))
    assert (cause["msp_id"], cause["period"], cause["subject"]) == ("acme", PERIOD, None)
    assert (cause["title"], cause["action"]) == (f"acme {PERIOD}: the month is not closed", CLOSE)
    assert _stands(standing, _at(10, hour=23)) != []  # within 24 hours it is not said again
    standing.close()
    assert _stands(standing, _at(11)) == []
    assert _told(web) == [("firing", "2026-11-10T00"), ("resolved", "2026-11-11T12")]


def test_a_day_of_its_own_may_be_set(standing: Standing) -> None:
    file = standing.root / "mbr.yml"
    write(file, file.read_text().replace("alerts:\n", "alerts:\n  close_by_day: 3\n"))
    assert [_stands(standing, _at(day)) != [] for day in (2, 3)] == [False, True]


def test_its_money_is_the_landed_invoice_lines_of_the_publication(standing: Standing) -> None:
    [unpublished] = _stands(standing, _at(10))
    assert (unpublished["money"], unpublished["action"]) == ({}, f"{RUN} && {CLOSE}")
    lines = [("80.00", "USD"), ("-16.00", "USD"), ("700", "JPY")]
    rows = [
        {"leg": "invoice", "line_id": str(n), "amount": amount, "currency": currency}
        for n, (amount, currency) in enumerate(lines)
    ]
    rows.append({"leg": "vendor", "line_id": "1", "amount": "50.00", "currency": "USD"})
    standing.audited(READY | {"fct_line_dispositions": rows})
    [published] = _stands(standing, _at(11))
    assert (published["money"], published["action"]) == ({"JPY": "700", "USD": "64.00"}, CLOSE)
    table = standing.month.published / "fct_line_dispositions.parquet"
    table.write_bytes(table.read_bytes()[:-100])
    [damaged] = _stands(standing, _at(12))
    assert damaged["money"] == {}


def test_who_is_held_is_to_be_decided_or_left_out_before_it_is_closed(standing: Standing) -> None:
    gate = [
        {"client_id": client, "currency": currency, "verdict": "HOLD", "held_amount": "8.00"}
        for client, currency in (("Bäcker", "EUR"), ("C-1", "USD"), ("C-1", "JPY"))
    ]
    standing.audited(READY | {"fct_client_gate": gate})
    [cause] = _stands(standing, _at(10))
    of = f"--msp acme --period {PERIOD}"
    assert cause["action"] == (
        f"decide what holds 2 clients (Bäcker, C-1) by mbr decide, then {RUN}; or leave out:"
        f" mbr close {of} --except CLIENT --reason TEXT"
    )
    standing.audited(READY)
    [cause] = _stands(standing, _at(11))
    assert cause["action"] == CLOSE


def test_every_earlier_month_with_landed_files_is_to_be_closed_and_no_other(standing: Standing) -> None:
    landing = standing.root / "landing/acme"
    for folder in ("2026-07/psa", "2026-08/elsewhere", "2026-09/psa", "2026-12/psa"):
        write(landing / folder / "clients.csv", "client_id,client_name\n")
    (landing / "2026-07/psa/clients.csv").rename(landing / "2026-07/psa/notes.txt")
    assert [cause["period"] for cause in _stands(standing, _at(9, month=12))] == ["2026-09", PERIOD]


def test_a_month_that_is_open_again_is_overdue_until_its_next_version(standing: Standing) -> None:
    standing.audited(READY)
    standing.close()
    assert _stands(standing, _at(20)) == []
    standing.enter("reopen", "owner1", {"version": "1", "reason": "a late bill"})
    assert len(_stands(standing, _at(21))) == 1
    standing.audited(READY)
    standing.close(2)
    assert _stands(standing, _at(22)) == []
    standing.enter("seal", "owner1", {"version": "2", "reason": None})
    assert _stands(standing, _at(23)) == []


def test_while_the_gate_blocks_it_follows_from_that_and_is_not_told(standing: Standing, web: WebSink) -> None:
    record_gate(standing.workspace, BLOCKED, {"USD": "80.00"})
    assert [cause["told"] for cause in _stands(standing, _at(10))] == [False]
    record_gate(standing.workspace, PASSED_GATE, {})
    assert [cause["told"] for cause in _stands(standing, _at(12))] == [True]
    # a month that is told and then blocks is not told again until its gate passes
    record_gate(standing.workspace, BLOCKED, {"USD": "80.00"})
    assert len(_stands(standing, _at(14))) == 1
    assert _told(web) == [("firing", "2026-11-12T12")]
    record_gate(standing.workspace, PASSED_GATE, {})
    assert len(_stands(standing, _at(15))) == 1
    assert _told(web) == [("firing", "2026-11-12T12"), ("firing", "2026-11-15T12")]
