"""Exports made from vendors' documents, with answers written before a proposal was seen.

Belongs here: whole files (exports_from_documentation/, answers.yml) and the score of all. Does not: single
choices (``test_kinds_of_exports``).
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.datasets import DATASETS
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.preview import preview
from mbr_pipeline.profiling.proposal import DATASET, Proposal
from mbr_pipeline.profiling.propose import propose

EXPORTS = Path(__file__).with_name("exports_from_documentation")
ANSWERS: dict[str, dict[str, Any]] = yaml.load(
    (EXPORTS / "answers.yml").read_text(encoding="utf-8"), yaml.BaseLoader
)
_TOTAL = {"vendor_charges": "amount", "invoice_lines": "amount", "agreements": "quantity"}


@cache
def _proposed(name: str) -> tuple[Proposal, set[str]]:
    """The proposal once the dataset is answered, where it is asked, and all points that are asked."""
    first = propose(EXPORTS / name)
    if not any(question.key == DATASET for question in first.questions):
        return first, _asked(first)
    proposal = propose(EXPORTS / name, ANSWERS[name]["dataset"])
    return proposal, {"dataset"} | _asked(proposal)


def _asked(proposal: Proposal) -> set[str]:
    """The points that are asked, by their canonical column; empty cells are asked for theirs."""
    found = set()
    for question in proposal.questions:
        name = question.key[1] if question.key[0] == "columns" else question.key[0]
        found.add("product_code" if name == "where" and "InventoryItemCode" in question.text else name)
    return found


def _is_right(words: Any, answer: Any) -> bool:
    """An answer is one way to make the column, or a list of several."""
    if words == answer:
        return True
    return isinstance(answer, list) and words in answer


def _wrong(proposal: Proposal, asked: set[str], answer: dict[str, Any]) -> list[str]:
    """What is neither right nor asked."""
    wrong = [] if proposal.dataset == answer["dataset"] else ["dataset"]
    for column, right in answer["columns"].items():
        words = proposal.columns.get(column, "nothing")
        if column == "vendor_customer_name" and words == "nothing" and "vendor_customer_id" in asked:
            continue  # it decides nothing, and comes with the answer
        if column not in asked and words != TODO and not _is_right(words, right):
            wrong.append(f"{column}: {words}")
    wrong += [f"{point}: not asked" for point in answer.get("must_ask", []) if point not in asked]
    dates = proposal.words.get("dates", TODO)
    if "dates" in answer and dates != TODO and not _is_right(dates, answer["dates"]):
        wrong.append(f"dates: {dates}")
    return wrong


@pytest.mark.parametrize("name", ANSWERS)
def test_an_export_is_right_but_for_what_it_does_not_say(name: str) -> None:
    answer = ANSWERS[name]
    proposal, asked = _proposed(name)
    assert _wrong(proposal, asked, answer) == []
    assert asked - set(answer["may_ask"]) == set(answer.get("in_vain", []))


@pytest.mark.parametrize("name", [name for name, answer in ANSWERS.items() if "total" in answer])
def test_the_rows_of_an_export_add_up_to_its_total(name: str) -> None:
    answer = ANSWERS[name]
    dataset = DATASETS[answer["dataset"]]
    proposal, _ = _proposed(name)
    settings = {**proposal.settings, **answer.get("answered", {})}
    settings["columns"] = {**settings["columns"], **answer.get("answered_columns", {})}
    found = preview(EXPORTS / name, dataset, settings, rows=1_000, month=date(2026, 10, 1))
    assert (found.count, found.refused) == (int(answer["records"]), 0)
    column = _TOTAL.get(dataset.name, "entitled_quantity")
    assert sum(Decimal(record[column] or 0) for record in found.records) == Decimal(answer["total"])


def test_credits_take_seats_away_and_a_row_without_charge_is_free() -> None:
    def records(name: str, *columns: str) -> list[tuple[str | None, ...]]:
        dataset = DATASETS[ANSWERS[name]["dataset"]]
        found = preview(EXPORTS / name, dataset, _proposed(name)[0].settings, rows=1_000)
        return [tuple(record.get(column) for column in columns) for record in found.records]

    lines = records("microsoft_license_based.csv", "quantity", "amount")
    refunds = [line for line in lines if (line[1] or "").startswith("-")]
    assert refunds == [("-10", "-107.8"), ("-20", "-33"), ("-1", "-125")]
    assert records("xero_sales_invoices.csv", "invoice_id", "quantity", "amount")[-1] == (
        "CN-0091",
        "-3",
        "-79.5",
    )
    free = [
        row for row in records("connectwise_agreement_search_additions.csv", "unit_price") if row == ("0",)
    ]
    assert len(free) == 1
    with (EXPORTS / "connectwise_agreement_search_additions.csv").open(encoding="utf-8") as file:
        ended = sum(bool(row["Cancelled"]) for row in csv.DictReader(file))
    ends = records("connectwise_agreement_search_additions.csv", "effective_end")
    assert [row for row in ends if row[0]] == [("2026-11-01",)] * ended


def test_the_score(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(ANSWERS) == sorted(path.name for path in EXPORTS.iterdir() if path.suffix != ".yml")
    groups: dict[str, Counter[str]] = {}
    for name, answer in ANSWERS.items():
        proposal, asked = _proposed(name)
        group = next(
            (
                word
                for word in (
                    "variant",
                    "more",
                    "twelve",
                    "eight",
                    "seta",
                    "setb",
                    "setc",
                    "setd",
                    "sete",
                    "setf",
                    "setg",
                )
                if name.startswith(f"{word}_")
            ),
            "ten",
        )
        if _wrong(proposal, asked, answer):
            kind = "wrong"
        elif asked:
            kind = "right after questions" if asked <= set(answer["may_ask"]) else "asked in vain"
        else:
            kind = "right"
        groups.setdefault(group, Counter()).update({kind: 1, "questions": len(asked)})
    with capsys.disabled():
        print(f"\nexports from documentation: { {name: dict(found) for name, found in groups.items()} }")
    assert [found["wrong"] for found in groups.values()] == [0] * 12
    in_vain = sum("in_vain" in answer for answer in ANSWERS.values())
    assert sum(found["asked in vain"] for found in groups.values()) == in_vain
