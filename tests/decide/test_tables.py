"""`mbr decide --csv`: many decisions from one table, all or none (contract §8.3).

Belongs here: what a table says and what is wrong with its rows. Does not: what decisions come to
(``test_deciding``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decide.months import Month


def test_a_table_decides_many_each_in_its_own_way(month: Month, tmp_path: Path) -> None:
    table = tmp_path / "decisions.csv"
    table.write_text(
        "exception_id,action,reason,until,up_to\n"
        f"{'1' * 24},approve,,,\n"
        '222222,waive,"as agreed, by mail",2026-12,3.00\n'
        f"{'4' * 24},dispute,billed twice,,\n"
    )
    told = month.told("--csv", str(table))
    assert [entry["exception_id"][0] for entry in told["entries"]] == ["1", "2", "4"]
    assert [(e.kind, e.body["reason"], e.body["up_to"]) for e in month.entries()] == [
        ("approve", None, None),
        ("waive", "as agreed, by mail", "3.00"),
        ("dispute", "billed twice", None),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exception_id,action\n111111111111111111111111,agree\n", f"line 2, {'1' * 24}: action 'agree'"),
        ("exception_id,action\n,approve\n", "line 2: exception_id is empty"),
        ("exception_id,action,until\n1,waive,2026-13\n", "line 2"),
        ("exception_id,action\n111111111111111111111111,waive\n", f"line 2, {'1' * 24}: waive needs reason"),
        ("id,action\n1,approve\n", "its columns must be"),
        ("exception_id,action\n", "no row is in it"),
        ("exception_id,action,up_to,reason,until\n1,waive,5,r,2026-12\n2,waive,5e,r,2026-12\n", "line 3"),
    ],
)
def test_a_wrong_row_of_a_table_is_named_and_nothing_is_decided(
    month: Month, tmp_path: Path, text: str, said: str
) -> None:
    table = tmp_path / "decisions.csv"
    table.write_text(text)
    assert said in month.refused("--csv", str(table))


def test_every_row_that_does_not_fit_is_named_in_one_answer(month: Month, tmp_path: Path) -> None:
    table = tmp_path / "entscheidungen.csv"
    table.write_text(
        "exception_id,action,reason,until,up_to\n"
        f"{'1' * 24},waive,,2026-12,\n"
        "abcdef,approve,,,\n"
        f"{'4' * 24},approve,,,\n"
        f"{'2' * 24},waive,wie vereinbart,2026-12,\n"
        f"{'5' * 24},dispute,,,\n"
        "abcdef,weigern,,,viel\n",
        encoding="utf-8",
    )
    why = "whoever reads it later must understand why"
    parts = month.refused("--csv", str(table)).removeprefix("nothing was decided: ").split("; ")
    assert parts == [
        f"line 2, {'1' * 24}: waive needs reason: {why}",
        "line 3, abcdef: no last audit has such an exception",
        f"line 4, {'4' * 24}: VENDOR_AMOUNT_MISMATCH changes no client's invoice",
        f"line 6, {'5' * 24}: dispute needs reason: {why}, and ROUNDING clears itself",
        "line 7, abcdef: action 'weigern': use one of approve, waive, dispute, defer, and 'viel' is not a"
        " number of at most 15 digits and 4 decimal places, and no last audit has such an exception",
    ]
    assert month.entries() == []
