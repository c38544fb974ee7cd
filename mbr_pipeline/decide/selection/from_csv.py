"""Decisions from a table: exception_id, action, reason, until, up_to (contract §8.3).

What belongs here: reading the file, every problem with its line. What does not: what fits what (``making``).
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from mbr_pipeline.decide.making import Wish, wrong_wish
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.people import money

_COLUMNS = ("exception_id", "action", "reason", "until", "up_to")
_ACTIONS = ("approve", "waive", "dispute", "defer")


def wishes_of(path: Path, actor: str) -> list[tuple[str, Wish]]:
    """Return the id and the wish of every row.

    Raises:
        ConfigError: The file cannot be read, has other columns, or a row is no decision: all such are named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            headings = [heading.strip() for heading in reader.fieldnames or ()]
            rows = [(reader.line_num, dict(zip(headings, row.values(), strict=False))) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: cannot be read as CSV ({reason}): save it as UTF-8 CSV") from error
    if not {"exception_id", "action"} <= set(headings) or set(headings) - set(_COLUMNS):
        raise ConfigError(
            f"{path}: its columns must be {', '.join(_COLUMNS)}; the last three may be left out"
        )
    found: list[tuple[str, Wish]] = []
    wrong: list[str] = []
    for line, row in rows:
        try:
            found.append(_wish(row, actor))
        except ValueError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        raise ConfigError(f"{path}: nothing was decided: {'; '.join(wrong[:20])}")
    if not found:
        raise ConfigError(f"{path}: no row is in it")
    return found


def _wish(row: dict[str, str | None], actor: str) -> tuple[str, Wish]:
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    if not cells["exception_id"]:
        raise ValueError("exception_id is empty")
    if cells["action"] not in _ACTIONS:
        raise ValueError(f"action {cells['action']!r}: use one of {', '.join(_ACTIONS)}")
    until, up_to = cells["until"] or None, cells["up_to"]
    try:
        until = Period.parse(until).text if until else None
    except ConfigError as error:
        raise ValueError(str(error)) from error
    limit: Decimal | None = money(up_to) if up_to else None
    wish = Wish(cells["action"], actor, cells["reason"] or None, until, limit)
    if why := wrong_wish(wish):
        raise ValueError(
            why.replace("--up-to", "up_to").replace("--until", "until").replace("--reason", "reason")
        )
    return cells["exception_id"], wish
