"""What policies decide (contract §8.2, §8.3): which codes they may name, and entering what they approved.

What belongs here: the step between a passed gate and the swap. What does not: which exceptions they approve,
which the month's tables say (dbt's ``int_policy_approvals``), and the settings' form
(``mbr_pipeline.workspace.people``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.decide.audited import audited
from mbr_pipeline.decide.decisions import decisions, raw_rows
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry
from mbr_pipeline.errors import ConfigError, GateClosed
from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.storage.database.opening import open_database
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


def enter(month: MonthPaths, is_loaded: IsLoaded) -> list[Entry]:
    """Enter what policies approved in a month's candidate tables, all or nothing; what an earlier try of the
    same publication entered is not entered again.

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
        if not is_loaded(raw_rows(decisions(entries), period)):
            raise GateClosed(
                f"{month.msp_id} {period}: somebody decided after the month was loaded, nothing is published:"
                f" run `mbr run --period {period} --msp {month.msp_id}`"
            )
        bodies = tables.to_enter(entry.fields() for entry in entries)
        return chains.append(month.msp_id, [Draft("approve", period, body, POLICY) for body in bodies])


def by_people(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of ``raw.decisions`` that change what a month comes to: without what policies approved
    and nobody withdrew, which the settings bring about again, entered or not.
    """
    return [row for row in rows if (row["actor"], row["fate"]) != (POLICY, "made")]
