"""A month as a billing team has it, from the first run to the second closed version and what leaves the
house, and the two months after it; on both databases.

Belongs here: the whole of it in one piece, every number worked by hand from the books in ``twelve``. Does
not: its larger tables (``worked_out``), each rule by itself (tests/decide, tests/release), and what several
processes do at once.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.e2e.release.acting import DECEMBER, NOVEMBER, OCTOBER, Acting
from tests.e2e.release.twelve import CREDIT
from tests.e2e.release.worked_out import CREDITED, FOUND, READY, UNDER
from tests.support.postgres import Server
from tests.support.small import write


@pytest.fixture(params=["sqlite", "postgresql"])
def acting(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transformer: Transformer
) -> Acting:
    """The books, before anything was run."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        monkeypatch.setenv("MBR_LEDGER_URL", server.empty("scripted"))
    return Acting(tmp_path / "workspace", transformer)


def test_a_month_from_its_first_run_to_its_second_closed_version(acting: Acting) -> None:
    _finds_twelve(acting)
    _people_decide(acting)
    _closed_as_version_1(acting)
    _a_late_credit_opens_it_again(acting)
    _closed_as_version_2(acting)
    _leaves_the_house(acting)
    _the_next_months(acting)


def _finds_twelve(acting: Acting) -> None:
    acting.audit()
    impacts = "client_recoverable, client_refund, vendor_claim, vendor_liability, stranded"
    query = f"select exception_code, client_id, product_code, currency, {impacts} from fct_exceptions"
    assert {row[:4]: " ".join(row[4:]) for row in acting.sql(query)} == FOUND
    # the policy decided the mailbox; what is left: 16 + 8 + 16 + 60 + 5 + 20 to bill, 8 + 40 to refund
    assert acting.kinds() == ["policy approve"]
    row = _status(acting)
    assert (row["state"], row["version"], row["gate"], row["open_exceptions"]) == ("open", None, "passed", 11)
    assert row["clients"] == {"pass": 0, "pass_with_waiver": 0, "hold": 6}
    assert row["money"] == {
        "EUR": _money("7.00", "0.00", "0.00", "0.00"),
        "USD": _money("125.00", "48.00", "7.00", "5.00"),
    }
    assert row["decided_by"] == ["policy"]
    assert "decide what holds 6 clients (C-1, C-2, C-3 and 3 more)" in row["next"]
    assert acting.sql("select * from fct_invoice_lines_ready") == []


def _people_decide(acting: Acting) -> None:
    free_seats, spare = acting.exception(UNDER, "C-5", "SEAT"), acting.exception(UNDER, "C-6", "SEAT")
    wrong_sum = acting.exception("VENDOR_AMOUNT_MISMATCH", "C-4", "SEAT")
    _decided(acting, "clerk1", "waive", free_seats, "--until", NOVEMBER, "--up-to", "20.00", "--reason",
             "two seats are free for three months")  # fmt: skip
    _decided(acting, "clerk1", "defer", spare, "--reason", "the client counts its seats")
    _decided(acting, "clerk1", "dispute", wrong_sum, "--reason", "10 × 5.00 is 50.00")
    # up to 40.00: 16 + 8 + 40 + 8 + 20 + 5; not the 60.00, and not what is decided or is no client's
    bulk = ("approve", "--max-impact", "40.00")
    for options in (["--dry-run"], []):
        told = acting.told("clerk2", "decide", *bulk, *options)
        assert (len(told["entries"]), told["totals"]) == (6, {"USD": {"impact": "97.0000"}})
        assert told["left_out"] == 5
        assert {each["state"] for each in told["entries"]} == {"in_force"}
        assert len(acting.kinds()) == (10 if not options else 4)
    # 60.00 is above 50.00: it waits, whoever made it cannot confirm it, and neither can a clerk
    large = acting.exception("AGREEMENT_NOT_INVOICED", "C-1", "BACKUP")
    [pending] = acting.told("owner1", "decide", "approve", large)["entries"]
    assert pending["state"] == "pending"
    code, told = acting.refused("owner1", "decide", "confirm", pending["entry_id"])
    assert (code, "owner1 made it: somebody else confirms it" in told) == (2, True)
    code, told = acting.refused("clerk1", "decide", "confirm", pending["entry_id"])
    assert (code, "clerk1 has not the role approver" in told) == (2, True)
    _decided(acting, "owner2", "confirm", pending["entry_id"])
    assert Counter(acting.kinds()) == {
        "policy approve": 1, "clerk1 waive": 1, "clerk1 defer": 1, "clerk1 dispute": 1, "clerk2 approve": 6,
        "owner1 approve": 1, "clerk1 denied": 1, "owner2 confirm": 1,
    }  # fmt: skip
    assert _status(acting)["next"].startswith("files, rules, settings or decisions changed")


def _closed_as_version_1(acting: Acting) -> None:
    acting.audit()
    assert _ready(acting) == READY
    row = _status(acting)
    # only the seat that is nobody's is open: it holds nobody
    assert (row["clients"], row["open_exceptions"]) == ({"pass": 4, "pass_with_waiver": 2, "hold": 0}, 1)
    assert row["money"] == {"USD": _money("0.00", "0.00", "0.00", "5.00")}
    assert row["decided_by"] == ["clerk1", "clerk2", "owner1", "owner2", "policy"]
    assert row["next"] == "close it: mbr close --msp acme --period 2026-10"
    assert acting.refused("clerk1", "close")[0] == 2
    closed = acting.told("owner1", "close")
    assert (closed["version"], closed["totals"]) == (1, {"EUR": "28.0000", "USD": "638.0000"})
    out = acting.told("clerk1", "export", "--to", "xero")
    assert out["totals"] == {
        "EUR": {"before": "28.00", "after": "28.00"},
        "USD": {"before": "573.00", "after": "638.00"},
    }
    assert out["exported"] == {"EUR": "28.00", "USD": "638.00"}
    assert [file["rows"] for file in out["files"]] == [11]  # twelve lines, one removed


def _a_late_credit_opens_it_again(acting: Acting) -> None:
    for dataset, text in CREDIT.items():
        file = acting.root.parent / f"{dataset}.late.csv"
        write(file, text)
        acting.told("clerk1", "land", file, "--source", "vendor", "--dataset", dataset)
    before = acting.kinds()
    assert acting.run_of_closed() == 4
    assert "landed files changed since it was closed" in _status(acting)["next"]
    assert acting.kinds() == before
    acting.told("owner1", "reopen", "--reason", "the vendor credits a seat of C-1")
    acting.audit()
    # the approval was of 16.00, and 8.00 is there now
    [stale] = [row for row in acting.told("clerk2", "decide", "list", "--open") if row["state"] == "stale"]
    assert (stale["client_id"], stale["impact_seen"], stale["impact_now"]) == ("C-1", "16.0000", "8.0000")
    assert _status(acting)["clients"] == {"pass": 3, "pass_with_waiver": 2, "hold": 1}
    _decided(acting, "clerk1", "approve", acting.exception(UNDER, "C-1", "SEAT"))
    acting.audit()


def _closed_as_version_2(acting: Acting) -> None:
    assert _ready(acting) == CREDITED
    rows = acting.told("clerk1", "restatement")
    told = {"explanation", "evidence", "decision_ids"}
    assert {row["column_name"] for row in rows} >= told
    assert {(row["from_version"], row["to_version"], row["client_id"], row["change"]) for row in rows} == {
        (1, 2, "C-1", "changed")
    }
    fewer = acting.exception(UNDER, "C-1", "SEAT")
    key, line = '["C-1", "SEAT", "USD"]', '["C-1", "psa", "I-1", "L-11"]'
    assert [
        (row["table_name"], row["row_key"], row["column_name"], row["old_value"], row["new_value"],
         row["amount_change"])
        for row in rows
        if row["column_name"] not in told
    ] == [
        # of 12 seats at 5.00 for 31 days; invoiced 80 either way
        ("fct_reconciliation", key, "effective_cost", *_text("60", "55", 12), None),
        ("fct_reconciliation", key, "expected_amount", *_text("96", "88", 4), "-8.0000"),
        ("fct_reconciliation", key, "expected_quantity", *_text("12", "11", 12), None),
        ("fct_reconciliation", key, "expected_unit_days", *_text("372", "341", 12), None),
        ("fct_reconciliation", key, "margin_amount", *_text("20", "25", 4), "5.0000"),
        ("fct_reconciliation", key, "vendor_unit_days", *_text("372", "341", 12), None),
        ("fct_reconciliation", key, "volume_variance", *_text("16", "8", 4), "-8.0000"),
        ("fct_exceptions", f'["{fewer}"]', "client_recoverable", *_text("16", "8", 4), "-8.0000"),
        ("fct_invoice_lines_ready", line, "amount", *_text("96", "88", 4), "-8.0000"),
        ("fct_invoice_lines_ready", line, "description", "Seat: quantity 12 instead of 10",
         "Seat: quantity 11 instead of 10", None),
        ("fct_invoice_lines_ready", line, "quantity", *_text("12", "11", 6), None),
        # with the 60 of the backups
        ("fct_variance_bridge", '["C-1", "USD"]', "classified_variance", *_text("76", "68", 4), "-8.0000"),
        ("fct_variance_bridge", '["C-1", "USD"]', "expected_amount", *_text("156", "148", 4), "-8.0000"),
    ]  # fmt: skip
    assert acting.sql("select count(*)::varchar from fct_restatement") == [(str(len(rows)),)]
    closed = acting.told("owner2", "close")
    assert (closed["version"], closed["totals"]) == (2, {"EUR": "28.0000", "USD": "630.0000"})
    query = "select version, sum(amount) from fct_invoice_lines_ready_versions where currency = 'USD'"
    assert acting.sql(f"{query} group by 1 order by 1") == [(1, "638"), (2, "630")]


def _leaves_the_house(acting: Acting) -> None:
    out = {
        target: acting.told("clerk1", "export", "--to", target)
        for target in ("xero", "quickbooks", "csv", "xlsx", "psa", "claims", "focus")
    }
    files = {target: [(file["name"], file["rows"]) for file in each["files"]] for target, each in out.items()}
    assert files == {
        "xero": [("xero-001.csv", 1)],
        "quickbooks": [("quickbooks-001.csv", 11)],
        "csv": [("invoice_lines.csv", 12)],
        "xlsx": [("invoice_lines.xlsx", 12)],
        # seats of C-1, C-2 and C-3, backups of C-2, mailboxes of C-4; not the waived and the deferred
        "psa": [("psa_changes.csv", 5)],
        "claims": [("claims-vendor.csv", 1)],
        "focus": [("focus.csv", 11)],
    }
    whole = {"EUR": "28.00", "USD": "630.00"}
    # the vendor billed 341 - 5
    assert [out[target]["exported"] for target in files] == [
        {"USD": "-8.00"}, whole, whole, whole, {}, {"USD": "7.00"}, {"USD": "336.00"},
    ]  # fmt: skip
    assert {out[target]["compared_with"] for target in files if target != "xero"} == {None}
    assert out["xero"]["compared_with"] == 1
    [line] = _exported(acting, "xero/xero-001.csv")
    assert (line["*InvoiceNumber"], line["*Quantity"], line["*UnitAmount"], line["*ContactName"]) == (
        "MBR-2026-10-C-1-USD-v2", "1", "-8.00", "Alder Inc",
    )  # fmt: skip
    [claim] = _exported(acting, "claims/claims-vendor.csv")
    assert [claim[name] for name in ("line_id", "billed", "right", "claimed", "currency", "reason")] == [
        "7", "57.00", "50.00", "7.00", "USD", "10 × 5.00 is 50.00",
    ]  # fmt: skip
    changes = [
        (row["client_id"], row["product_code"], row["current_quantity"], row["new_quantity"])
        for row in _exported(acting, "psa/psa_changes.csv")
    ]
    assert changes == [
        ("C-1", "SEAT", "10", "11"),
        ("C-2", "BACKUP", "2", "0"),
        ("C-2", "SEAT", "6", "7"),
        ("C-3", "SEAT", "5", "4"),
        ("C-4", "MAIL", "5", "6"),
    ]
    assert acting.refused("clerk1", "export", "--to", "csv")[0] == 2
    pack = acting.root / acting.told("clerk1", "evidence")["path"]
    assert acting.told("clerk1", "verify", pack, period=None)["ok"]
    checked = acting.told("clerk1", "verify", period=None)
    assert (checked["ok"], checked["warnings"]) == (True, [])
    assert acting.command("clerk1", "verify", "--recompute").exception is None


def _the_next_months(acting: Acting) -> None:
    # 13 - 10 seats at 8.00 are more than the 20.00 that the waiver covers
    acting.audit(NOVEMBER)
    held = "select client_id, verdict, currency, held_amount from fct_client_gate where period = '{}'"
    assert acting.sql(held.format(NOVEMBER)) == [("C-5", "HOLD", "USD", "80"), ("C-6", "HOLD", "EUR", "28")]
    decided = "select action, state, client_id, impact_seen, impact_now from fct_decisions"
    assert acting.sql(f"{decided} where period = '{NOVEMBER}'") == [("waive", "stale", "C-5", "16", "24")]
    # the deferral was of October: its exception is back, and on the list until it is decided
    deferred = {"period": OCTOBER, "action": "defer", "client_id": "C-6", "state": "in_force"}
    listed = acting.told("clerk1", "decide", "list", "--open", period=None)
    assert [row for row in listed if row.items() >= deferred.items()]
    back = acting.exception(UNDER, "C-6", "SEAT", NOVEMBER)
    assert acting.told("clerk1", "decide", "approve", back, period=NOVEMBER)["totals"] == {
        "EUR": {"impact": "7.0000"}
    }
    listed = acting.told("clerk1", "decide", "list", "--open", period=None)
    assert [(row["period"], row["action"], row["state"]) for row in listed] == [(NOVEMBER, "waive", "stale")]
    # two seats again, within the limit; but the waiver ended in November
    acting.audit(DECEMBER)
    assert acting.sql(held.format(DECEMBER)) == [("C-5", "HOLD", "USD", "80")]
    assert acting.sql(f"{decided} where period = '{DECEMBER}'") == [("waive", "expired", "C-5", "16", "16")]
    october = "select sum(amount) from fct_invoice_lines_ready where period = '2026-10' and currency = 'USD'"
    assert acting.sql(october) == [("630",)]


def _decided(acting: Acting, who: str, *arguments: str) -> None:
    [entry] = acting.told(who, "decide", *arguments)["entries"]
    assert entry["state"] == "in_force"


def _status(acting: Acting) -> dict[str, Any]:
    [row] = acting.told("clerk1", "status")
    return dict(row)


def _money(recoverable: str, refund: str, claim: str, stranded: str) -> dict[str, str]:
    return {
        "client_recoverable": recoverable, "client_refund": refund, "vendor_claim": claim,
        "vendor_liability": "0.00", "stranded": stranded,
    }  # fmt: skip


def _ready(acting: Acting) -> list[tuple[Any, ...]]:
    rows = acting.sql(
        "select client_id, if(change = 'added', null, invoice_line_id) as line, product_code, quantity,"
        " unit_price, amount, currency, service_period_start::varchar, service_period_end::varchar, change,"
        " description from fct_invoice_lines_ready order by client_id, line nulls first"
    )
    return list(rows)


def _text(old: str, new: str, places: int) -> tuple[str, str]:
    return f"{old}.{'0' * places}", f"{new}.{'0' * places}"


def _exported(acting: Acting, name: str) -> list[dict[str, str]]:
    folder = acting.root / "exports/acme/2026-10/v2"
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
