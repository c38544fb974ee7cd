"""Checks a workspace with a known answer: compares the findings of the months that ran with ``answers.csv``.

What belongs here: which months there are, which have run, and where their tables
are. What does not: comparing one month (``mbr_pipeline.scaffold.answer_key``) and
what the terminal shows (``mbr_pipeline.cli.world``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.scaffold.answer_key import FILE_NAME, AnswerKey, Comparison, compare_month, read_csv
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass
class CheckedMonth:
    """A month that ran: why its gate blocked it, how many keys were compared there, and the
    outcome of its answers.
    """

    month: MonthPaths
    reasons: list[str]
    keys: int
    comparison: Comparison


@dataclass
class Check:
    """All months of a workspace: those compared, and those without a result, each with the number
    of its hidden answers.
    """

    compared: list[CheckedMonth] = field(default_factory=list)
    waiting: list[tuple[MonthPaths, int]] = field(default_factory=list)


def check_workspace(workspace: WorkspacePaths) -> Check:
    """Compare every month that has run with the answer key.

    Raises:
        ConfigError: There is no answer key, or it is about months that the workspace does not have.
        MbrError: No month has run, so nothing could be compared.
    """
    path = workspace.root / FILE_NAME
    if not path.exists():
        raise ConfigError(f"{path} not found: only a workspace made by `mbr world` can be checked")
    months, key = _months(workspace), read_csv(path)
    _refuse_unknown_months(path, key, months)
    check = Check()
    for month in months:
        findings, controls = key.of_month(month.msp_id, month.period.text)
        result = _checked(month, key)
        if result is None:
            check.waiting.append((month, len(findings) + len(controls)))
        else:
            check.compared.append(result)
    if not check.compared:
        raise MbrError(
            f"nothing was compared: no month of {workspace.root} has run yet: use `mbr run --period YYYY-MM`"
            " first"
        )
    return check


def _months(workspace: WorkspacePaths) -> list[MonthPaths]:
    """Every MSP and period that files were landed for."""
    return [
        workspace.month(msp_id, Period.parse(folder.name))
        for msp_id in Workspace.open(workspace).msp_ids()
        for folder in sorted((workspace.landing / msp_id).glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]"))
    ]


def _refuse_unknown_months(path: Path, key: AnswerKey, months: list[MonthPaths]) -> None:
    named = {(answer.msp_id, answer.period) for answer in key.findings} | set(key.controls)
    for msp_id, period in sorted(named - {(month.msp_id, month.period.text) for month in months}):
        raise ConfigError(
            f"{path}: nothing is landed for {msp_id} {period}: it is not the answer key of this workspace"
        )


def _checked(month: MonthPaths, key: AnswerKey) -> CheckedMonth | None:
    """Compare a month, or return None if it has no result: it never ran, or failed between the
    gate and the publication.
    """
    verdict = month.report / "gate.json"
    if not verdict.exists():
        return None
    try:
        document = json.loads(verdict.read_text(encoding="utf-8"))
        # a blocked month keeps its earlier publication: what counts is the last verdict
        folder = month.published if document["gate"] == "passed" else month.report / "blocked"
        if not folder.exists():
            return None
        exceptions = pq.read_table(folder / "fct_exceptions.parquet")
        verdicts = pq.read_table(folder / "fct_reconciliation.parquet").column("verdict").to_pylist()
        reasons = list(document["reasons"])
    except (ValueError, KeyError) as error:
        again = f"mbr run --msp {month.msp_id} --period {month.period.text}"
        raise MbrError(
            f"{month.msp_id} {month.period.text}: its gate.json or tables cannot be read: run `{again}` again"
        ) from error
    comparison = compare_month(*key.of_month(month.msp_id, month.period.text), exceptions, reasons)
    keys = sum(verdict in ("matched", "exception") for verdict in verdicts)
    if not keys and not reasons:
        comparison.differences.append(
            "published without one reconciled key: that no finding is there says nothing"
        )
    return CheckedMonth(month, reasons, keys, comparison)
