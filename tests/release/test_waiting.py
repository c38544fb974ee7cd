"""Which months a decision of an earlier month keeps open while it waits for a second person (contract §8.5,
§9): those whose fct_decisions has it on one of their exceptions.

Belongs here: waivers that reach over months. Does not: what waits in its own month (``test_closing``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.decide.decisions import IMPACTS
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.storage.atomic_files import write_json
from mbr_pipeline.storage.database.opening import open_database
from tests.release.months import PEOPLE, Month

EXCEPT = ("--except", "C-2", "--reason", "its count is asked for")
ITS_ISSUE = "1" * 24


def _wait_since_before(month: Month, issue_id: str, until: str) -> str:
    """Enter a waiver of the month before that a second person has yet to confirm."""
    seen = dict.fromkeys(IMPACTS, "0.00") | {"client_recoverable": "8.00"}
    body = {
        "exception_id": "9" * 24, "issue_id": issue_id, "seen": seen, "pending": True, "currency": "USD",
        "until": until, "up_to": None, "reason": "r", "exception_code": "UNDERBILLED_QUANTITY",
        "client_id": "C-2", "product_code": "SEAT", "source": None,
    }  # fmt: skip
    with appending(open_database(month.root / "ledger" / "ledger.sqlite")) as chains:
        [entry] = chains.append("acme", [Draft("waive", "2026-09", body, "clerk1")])
    return entry.entry_id


@pytest.mark.parametrize(
    ("issue_id", "until", "waits"),
    [
        (ITS_ISSUE, "2026-10", True),
        (ITS_ISSUE, "2026-09", True),  # expired, it has a row in the month after its last
        (ITS_ISSUE, "2026-08", False),
        ("2" * 24, "2026-12", False),  # it meets nothing here
    ],
)
def test_a_waiver_of_an_earlier_month_that_waits_keeps_those_open_whose_exceptions_it_meets(
    tmp_path: Path, issue_id: str, until: str, waits: bool
) -> None:
    month = Month(tmp_path, PEOPLE + 'policies: {four_eyes_above: {USD: "1.00"}}\n')
    made = _wait_since_before(month, issue_id, until)
    month.publish()
    write_json(month.paths.report / "gate.json", {"gate": "passed", "reasons": []})
    [row] = month.told("status")
    assert ("1 decision waits for owner1" in row["next"]) is waits
    if waits:
        code, told = month.refused("close", *EXCEPT)
        assert (code, made in told) == (2, True)
    else:
        month.told("close", *EXCEPT)
