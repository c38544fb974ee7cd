"""Decisions from a table: exception_id, action, reason, until, up_to (contract §8.3).

What belongs here: reading the file; a row that is no decision is a wish with its problem, so that it is named
together with those that do not fit. What does not: what fits what (``making``).
"""

from __future__ import annotations

import csv
from dataclasses import replace
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
        ConfigError: The file cannot be read, has other columns or no row.
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
    if not rows:
        raise ConfigError(f"{path}: no row is in it")
    return [_wish(line, row, actor) for line, row in rows]


def _wish(line: int, row: dict[str, str | None], actor: str) -> tuple[str, Wish]:
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    exception_id, action = cells["exception_id"], cells["action"]
    wrong = [] if action in _ACTIONS else [f"action {action!r}: use one of {', '.join(_ACTIONS)}"]
    until, up_to = cells["until"] or None, None
    try:
        until = Period.parse(until).text if until else None
    except ConfigError as error:
        wrong.append(str(error))
    try:
        up_to = money(cells["up_to"]) if cells["up_to"] else None
    except ValueError as error:
        wrong.append(str(error))
    place = f"line {line}, {exception_id}" if exception_id else f"line {line}"
    wish = Wish(action, actor, cells["reason"] or None, until, up_to, place)
    if action in _ACTIONS and (why := wrong_wish(wish)):
        wrong.append(why.replace("--", ""))
    return exception_id, replace(wish, problem=", and ".join(wrong) or None)
