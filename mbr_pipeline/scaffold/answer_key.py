"""The answer key of a generated world: the file ``answers.csv``, and comparing findings with it.

What belongs here: what a month must give, written, read back and compared with what was found there,
code by code. What does not: hiding findings (``mbr_pipeline.scaffold.world``) and which months of a
workspace have run (``mbr_pipeline.scaffold.answer_check``).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.scaffold.world import Answer

Row = dict[str, Any]
FILE_NAME = "answers.csv"
COLUMNS = (
    "kind",
    "msp_id",
    "period",
    "code",
    "client_id",
    "product_code",
    "source",
    "vendor_customer_id",
    "sku_id",
    "line_id",
    "currency",
    "impact_column",
    "impact",
)
"""Columns of ``answers.csv``; ``kind`` is ``finding`` (a row of fct_exceptions) or ``control``
(a reason in gate.json).
"""

IMPACT_COLUMNS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)
COUNTS = ("hidden", "found", "impact equal", "false alarms")
"""What is counted per code."""

_NAMED = ("client_id", "product_code", "source", "vendor_customer_id", "sku_id", "line_id", "currency")
_AMOUNT = re.compile(r"\d{1,24}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True)
class AnswerKey:
    """All that must be found: findings, and the control codes that block a month by (MSP, period)."""

    findings: Sequence[Answer]
    controls: Mapping[tuple[str, str], set[str]]

    def of_month(self, msp_id: str, period: str) -> tuple[list[Answer], set[str]]:
        """The findings and the control codes that one month must give."""
        here = [answer for answer in self.findings if (answer.msp_id, answer.period) == (msp_id, period)]
        return here, self.controls.get((msp_id, period), set())


@dataclass
class Matched:
    """Answers next to the findings they name: ``pairs`` found, ``lost`` not found, ``surplus`` findings that
    no answer names.
    """

    pairs: list[tuple[Answer, Row]]
    lost: list[Answer]
    surplus: list[Row]


@dataclass
class Comparison:
    """The outcome of the answers: counts per code under the names of ``COUNTS``, and
    every difference in words.
    """

    tally: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[str] = field(default_factory=list)


def compare_month(
    findings: Iterable[Answer], controls: set[str], exceptions: pa.Table, reasons: Iterable[str]
) -> Comparison:
    """Compare one month: what had to be found, with the rows of its fct_exceptions and the gate's reasons."""
    result, blocked = Comparison(), set(reasons)
    for code in sorted(controls | blocked):
        hidden, found = int(code in controls), int(code in controls & blocked)
        result.tally[code].update(
            {"hidden": hidden, "found": found, "impact equal": found, "false alarms": 1 - hidden}
        )
    result.differences += [
        f"not found: {code} does not block the month" for code in sorted(controls - blocked)
    ]
    result.differences += [f"false alarm: {code} blocks the month" for code in sorted(blocked - controls)]
    matched = match(findings, exceptions)
    for answer in matched.lost:
        result.tally[answer.code].update({"hidden": 1})
    for answer, row in matched.pairs:
        result.tally[answer.code].update(
            {"hidden": 1, "found": 1, "impact equal": int(has_impact(answer, row))}
        )
    for row in matched.surplus:
        result.tally[row["exception_code"]].update({"false alarms": 1})
    result.differences += differences(matched)
    return result


def match(answers: Iterable[Answer], exceptions: pa.Table) -> Matched:
    """Match every answer with its finding, using each finding at most once."""
    matched = Matched([], [], exceptions.to_pylist())
    for answer in answers:
        found = next((row for row in matched.surplus if _is_about(answer, row)), None)
        if found is None:
            matched.lost.append(answer)
        else:
            matched.surplus.remove(found)
            matched.pairs.append((answer, found))
    return matched


def has_impact(answer: Answer, row: Mapping[str, Any]) -> bool:
    """Say whether a finding has the answer's impact and no other one; where the answer has none, the finding
    must have none.
    """
    return all(
        row[column] == (answer.impact if column == answer.impact_column else 0) for column in IMPACT_COLUMNS
    )


def differences(matched: Matched) -> list[str]:
    """List answers without their finding or with another impact, and findings that no answer
    names, one line each.
    """
    return [
        *(
            f"not found: {_described(answer.code, vars(answer))}: {_wanted(answer)}"
            for answer in matched.lost
        ),
        *(
            f"impact of {_described(answer.code, row)} is {_impacts(row)}, hidden was {_wanted(answer)}"
            for answer, row in matched.pairs
            if not has_impact(answer, row)
        ),
        *(
            f"false alarm: {_described(row['exception_code'], row)}: {_impacts(row)}"
            for row in matched.surplus
        ),
    ]


def _is_about(answer: Answer, row: Mapping[str, Any]) -> bool:
    named = {name: getattr(answer, name) for name in _NAMED}
    return row["exception_code"] == answer.code and all(
        row[name] == value for name, value in named.items() if value is not None
    )


def _described(code: str, row: Mapping[str, Any]) -> str:
    return " ".join([code, *(f"{name}={row[name]}" for name in _NAMED if row[name] is not None)])


def _wanted(answer: Answer) -> str:
    return "no impact" if answer.impact_column is None else f"{answer.impact_column} {answer.impact:f}"


def _impacts(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{column} {row[column]:f}" for column in IMPACT_COLUMNS if row[column]) or "no impact"


def as_csv(key: AnswerKey) -> bytes:
    """Write the key as the content of ``answers.csv``: findings as they were hidden, then control codes."""
    rows = [{**vars(answer), "kind": "finding", "impact": _digits(answer.impact)} for answer in key.findings]
    for (msp_id, period), codes in sorted(key.controls.items()):
        rows += [
            {"kind": "control", "msp_id": msp_id, "period": period, "code": code} for code in sorted(codes)
        ]
    out = io.StringIO()
    sheet = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(rows)
    return out.getvalue().encode()


def read_csv(path: Path) -> AnswerKey:
    """Read ``answers.csv``; what is not an answer key is a :class:`ConfigError` naming the line."""
    try:
        lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True)
        if tuple(lines.fieldnames or ()) != COLUMNS:
            raise ConfigError(f"{path}, line 1: the columns must be {','.join(COLUMNS)}")
        findings: list[Answer] = []
        controls: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in lines:
            answer = _answer(row, f"{path}, line {lines.line_num}")
            if row["kind"] == "control":
                controls[answer.msp_id, answer.period].add(answer.code)
            else:
                findings.append(answer)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: not a CSV file in UTF-8 ({error}): make the world again") from error
    return AnswerKey(findings, dict(controls))


def _answer(row: Mapping[str, str | None], where: str) -> Answer:
    # DictReader gives None for cells that are missing, and files surplus ones under None
    if None in row or None in row.values():
        raise ConfigError(f"{where}: it must have {len(COLUMNS)} cells")
    cells = {name: value or None for name, value in row.items()}
    column, impact = cells["impact_column"], cells["impact"]
    if cells["kind"] not in ("finding", "control"):
        raise ConfigError(f"{where}: kind must be finding or control")
    if not (cells["msp_id"] and cells["period"] and cells["code"]):
        raise ConfigError(f"{where}: msp_id, period and code must not be empty")
    if (column is None) != (impact is None) or column not in (None, *IMPACT_COLUMNS):
        raise ConfigError(
            f"{where}: impact_column and impact are both empty, or the column is one of"
            f" {', '.join(IMPACT_COLUMNS)}"
        )
    if impact is not None and not _AMOUNT.fullmatch(impact):
        raise ConfigError(f"{where}: impact must be an amount such as 12.50")
    named = {name: cells[name] for name in _NAMED}
    amount = None if impact is None else Decimal(impact)
    return Answer(
        cells["msp_id"], cells["period"], cells["code"], impact_column=column, impact=amount, **named
    )


def _digits(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
