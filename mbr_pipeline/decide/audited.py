"""What a month's last audit found, as decisions see it (contract §8.3).

What belongs here: reading the tables of the last audit, passed or blocked. What does not: what is decided
about them (``making``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.decisions import body_of
from mbr_pipeline.exception_codes import exception_codes
from mbr_pipeline.periods import Period
from mbr_pipeline.recompute.decisions.chain import Ruling as Ruling
from mbr_pipeline.recompute.decisions.chain import rulings
from mbr_pipeline.recompute.decisions.policies import Touched, to_be
from mbr_pipeline.recompute.decisions.states import Case as Case
from mbr_pipeline.recompute.decisions.states import Judgement as Judgement
from mbr_pipeline.recompute.decisions.states import case_of_row, judge
from mbr_pipeline.storage.kept import Kept
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True)
class AuditedMonth:
    """One MSP's month as it was audited last.

    Attributes:
        month: Whose month it is.
        exceptions: Rows of fct_exceptions by id.
        valued_at: Where the price of a client's product comes from, by client and product.
        not_compared: Products by client whose invoice lines could not be compared.
        held: Held clients with the amounts of their invoice lines by currency.
        approved: What policies approved there and is not entered yet: ids of exceptions and reasons.
    """

    month: MonthPaths
    exceptions: Mapping[str, Row]
    valued_at: Mapping[tuple[str, str], str | None]
    not_compared: Mapping[str, set[str]]
    held: Mapping[str, Mapping[str, Decimal]]
    approved: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _cases(self) -> list[Case]:
        return [case_of_row(row) for row in self.exceptions.values()]

    def judged(self, chain: Iterable[Mapping[str, Any]]) -> Judgement:
        """Return what is in force and pending now: the tables are of the last audit, the chain of now."""
        # judging writes on them
        cases = [Case(c.exception_id, c.issue_id, c.currency, c.amounts, c.impact) for c in self._cases]
        entries = list(chain)
        return judge([*entries, *self._to_be(entries)], cases, self.not_compared, self.month.period.text)

    def to_enter(self, chain: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the bodies of what policies approved there and a chain does not have: as of now, when
        persons may have decided on some.
        """
        touched = Touched.by(rulings(chain), self.month.period.text)
        return [
            body_of(self.exceptions[exception_id], reason)
            for exception_id, reason in self.approved.items()
            if touched.leaves(case_of_row(self.exceptions[exception_id]))
        ]

    def _to_be(self, chain: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        last = max((int(entry["seq"]) for entry in chain), default=0)
        return [
            to_be(body, last + n, self.month.period.text) for n, body in enumerate(self.to_enter(chain), 1)
        ]


def audited(month: MonthPaths) -> AuditedMonth | None:
    """Read a month's last audit; None where there was none."""
    folder = tables_of(month)
    if folder is None:
        return None
    return _KEPT.get([folder / f"{name}.parquet" for name in _TABLES], lambda: _audited(month, folder))


_TABLES = ("fct_exceptions", "fct_decisions", "fct_reconciliation", "fct_client_gate")
_KEPT = Kept[AuditedMonth](8)
"""The page asks for the same month again and again."""


def _audited(month: MonthPaths, folder: Path) -> AuditedMonth:
    keys = _rows(folder, "fct_reconciliation", *_OF_KEYS)
    not_compared: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        if key["verdict"].startswith("unreconcil") and (key["invoiced_unit_days"] or key["invoiced_amount"]):
            not_compared[key["client_id"]].add(key["product_code"])
    held: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in _rows(folder, "fct_client_gate", "client_id", "currency", "verdict", "held_amount"):
        if row["verdict"] == "HOLD":
            held[row["client_id"]][row["currency"] or ""] = row["held_amount"]
    return AuditedMonth(
        month,
        {row["exception_id"]: row for row in _rows(folder, "fct_exceptions")},
        {(key["client_id"], key["product_code"]): key["valued_at"] for key in keys},
        not_compared,
        held,
        {
            row["exception_id"]: row["reason"]
            for row in _rows(folder, "fct_decisions", "decision_id", "exception_id", "reason")
            if row["decision_id"] is None
        },
    )


_OF_KEYS = (
    "client_id", "product_code", "verdict", "valued_at", "invoiced_amount", "invoiced_unit_days",
)  # fmt: skip


def audited_months(workspace: Workspace, msp_id: str | None, period: str | None) -> list[AuditedMonth]:
    """Return the audited months of the MSPs and the month asked for, in order.

    Raises:
        ConfigError: The MSP is not in ``mbr.yml``, or the period is no month.
    """
    asked = Period.parse(period).text if period else None
    found = []
    for each in workspace.msp_ids(msp_id):
        for text in _months_with_tables(workspace, each):
            if asked in (None, text) and (read := audited(workspace.month(each, text))):
                found.append(read)
    return found


def _months_with_tables(workspace: Workspace, msp_id: str) -> list[str]:
    paths = workspace.paths
    places = (paths.warehouse / msp_id, paths.published / msp_id, paths.reports / msp_id)
    names = {folder.name for place in places if place.is_dir() for folder in place.iterdir()}
    return sorted(name for name in names if Period.is_written(name))


def tables_of(month: MonthPaths) -> Path | None:
    """Return the folder with the tables of a month's last audit; None where there was none."""
    for folder in (month.candidate, month.report / "blocked", month.published):
        if (folder / "fct_exceptions.parquet").exists() and (folder / "fct_decisions.parquet").exists():
            return folder
    return None


def landed_of(month: AuditedMonth, client_id: str) -> dict[str, Decimal]:
    """Return Σ of a client's invoice lines landed in the month, by currency: what a release is weighed by."""
    if client_id in month.held:
        return dict(month.held[client_id])
    found: dict[str, Decimal] = defaultdict(Decimal)
    if folder := tables_of(month.month):
        for line in _rows(folder, "fct_line_dispositions", "leg", "client_id", "currency", "amount"):
            if (line["leg"], line["client_id"]) == ("invoice", client_id):
                found[line["currency"]] += line["amount"]
    return found


def _rows(folder: Path, table: str, *columns: str) -> list[Row]:
    return rows_of(folder / f"{table}.parquet", columns=list(columns) or None)


def is_approvable(month: AuditedMonth, row: Row) -> bool:
    """Whether an exception can become a correction of the client's invoice: its money is the client's, there
    is some, and a price makes it.
    """
    code = exception_codes()[row["exception_code"]]
    valued_at = month.valued_at.get((row["client_id"], row["product_code"])) if code.is_volume_code else None
    return (
        code.impact == "client"
        and code.code != "ROUNDING"
        and row["client_recoverable"] + row["client_refund"] > 0
        and valued_at not in ("cost", "none")
    )
