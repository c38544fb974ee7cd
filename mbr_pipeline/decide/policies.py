"""What policies decide (contract §8.2, §8.3): which codes they may name, and entering what they approved.

What belongs here: the step between a passed gate and the swap. What does not: which exceptions they approve,
which the month's tables say (dbt's ``int_policy_approvals``), and the settings' form
(``mbr_pipeline.workspace.people``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.decide.audited import audited
from mbr_pipeline.decide.decisions import Decision, decisions, raw_rows
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.errors import ConfigError, GateClosed
from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.database.times import read
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.people import POLICY, AutoApproval

IsLoaded = Callable[[Sequence[Mapping[str, Any]]], bool]
"""Says whether rows of ``raw.decisions`` are those that the month was computed from."""


def check(automatic: Iterable[AutoApproval]) -> None:
    """Refuse a policy for what is no code of an exception. One that can never be approved may be named: it is
    not chosen.

    Raises:
        ConfigError: A code is unknown.
    """
    known = codes_of("client", "vendor")
    for rule in automatic:
        for code in rule.codes:
            if code not in known:
                raise ConfigError(
                    f"mbr.yml: policies.auto_approve: {code!r} is no exception code: use codes such as"
                    " UNDERBILLED_QUANTITY, MID_PERIOD_CHANGE_NOT_PRORATED"
                )


def enter(month: MonthPaths, is_loaded: IsLoaded) -> list[Decision]:
    """Enter what policies approved in a month's candidate tables, all or nothing; what an earlier try of the
    same publication entered is not entered again. Returns the decisions that the tables cannot name yet.

    Raises:
        GateClosed: A decision that reaches the month came after the load: nothing is entered.
        MbrError: The ledger's database cannot be written.
    """
    made = pq.read_table(month.candidate / "fct_decisions.parquet", columns=["decision_id"])
    tables = audited(month) if made.column(0).null_count else None
    if tables is None:
        return []
    period = month.period.text
    with appending(open_database(month.workspace.ledger)) as chains:
        entries = list(chains.entries(month.msp_id))
        refuse_others(month, raw_rows(decisions(entries), period), is_loaded)
        bodies = tables.to_enter(entry.fields() for entry in entries)
        entries += chains.append(month.msp_id, [Draft("approve", period, body, POLICY) for body in bodies])
    newest = {
        each.exception_id: each
        for each in decisions(entries)
        if (each.actor, each.period, each.fate) == (POLICY, period, "made")
    }
    return [newest[exception_id] for exception_id in tables.approved]


def refuse_others(month: MonthPaths, rows: Sequence[Mapping[str, Any]], is_loaded: IsLoaded) -> None:
    """Let nothing be published that was computed from other decisions than these rows of ``raw.decisions``.

    Raises:
        GateClosed: It would be.
    """
    if not is_loaded(rows):
        raise GateClosed(
            f"{month.msp_id} {month.period.text}: somebody decided after the month was loaded, nothing is"
            f" published: run `mbr run --period {month.period.text} --msp {month.msp_id}`"
        )


def as_table(entered: Sequence[Decision]) -> pa.Table:
    """Return what the tables say of entries, by exception."""
    at = [read(each.at).replace(tzinfo=None) for each in entered]
    return pa.table(
        {
            "exception_id": [each.exception_id for each in entered],
            "entry_id": [each.decision_id for each in entered],
            "entered_at": pa.array(at, pa.timestamp("us")),
        }
    )


def by_people(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of ``raw.decisions`` that change what a month comes to: without what policies approved
    and nobody withdrew, which the settings bring about again, entered or not.
    """
    return [row for row in rows if (row["actor"], row["fate"]) != (POLICY, "made")]
