"""What the end of a period is: its last day, the day behind it, or a moment.

What belongs here: what whole months and times of day show of it. What does not: which columns are a period's
(``columns.dates``, ``days``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.values import DateFormat, is_midnight
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import ends, is_whole

_TO_THE_MINUTE = re.compile("(?i)(?:23:59|11:59(?::59)? ?pm)")
_A_DAY = timedelta(days=1)
_WHY = {
    "day": "whole months end on the day the next begins",
    "day_after": "whole months end on their last day",
    "next_midnight": "it has times of day: a midnight ends the day before",
    TODO: "day_after if it is the period's last day, day if it is the day behind that",
}


@dataclass(frozen=True)
class _Row:
    """The days of a period, and whether they are written with a time of day that is not midnight."""

    start: date
    end: date
    begins_late: bool
    ends_late: bool


def period_end(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose what the end of a period is; what the rows do not show is asked."""
    start, end = (form_of(proposal, name) for name in dataset.interval or ("", ""))
    if end is None or "take" in end:
        return
    name = dataset.interval[1] if dataset.interval else ""
    texts, rows = sample.values(end["heading"]), _rows(sample, start, end)
    is_timed = dataset.name != "agreements" and not all(map(is_midnight, texts))
    if texts and all(map(_TO_THE_MINUTE.search, texts)):
        take, why = "day_after", "it ends a minute before midnight"
    elif not is_timed and _are_days(rows):
        take, why = "day", "each is a day that ends when the next begins"
    else:
        take = _of_moments(rows) if is_timed else _of_days(rows)
        why = _WHY[take]
    proposal.column_why[name] += f"; {why}"
    if take == "day":
        return
    proposal.columns[name] = {**words_of(proposal.columns[name]), "take": take}
    proposal.options["columns", name, "take"] = ("day", "day_after", *(["next_midnight"] if is_timed else []))


def _of_days(rows: list[_Row]) -> str:
    found = ends((row.start, row.end) for row in rows)
    return found.pop() if len(found) == 1 else TODO


def _of_moments(rows: list[_Row]) -> str:
    """Ends some of which are hours or 23:59:59: a midnight among them is the end of the day before where that
    day's hours or whole months say so, else it may be a last day. Long periods that begin at an hour are days
    of another time zone.
    """
    if any(row.begins_late and row.end - row.start > _A_DAY for row in rows):
        return TODO
    midnights = [row for row in rows if not row.ends_late]
    is_moment = any(row.begins_late or is_whole(row.start, row.end) for row in midnights) or _are_days(
        [row for row in midnights if row.end - row.start == _A_DAY]
    )
    is_last_day = any(is_whole(row.start, row.end + _A_DAY) for row in midnights)
    if is_last_day:
        return TODO if is_moment else "day_after"
    return "next_midnight" if rows and (is_moment or not midnights) else TODO


def _are_days(rows: list[_Row]) -> bool:
    """Whether all are of one day, as they end when another begins."""
    return all(row.end - row.start == _A_DAY for row in rows) and bool(
        {row.start for row in rows} & {row.end for row in rows}
    )


def _rows(sample: Sample, start: dict[str, Any] | None, end: dict[str, Any]) -> list[_Row]:
    if start is None:
        return []
    texts = [(row.get(start["heading"], ""), row.get(end["heading"], "")) for row in sample.rows]
    return [
        _Row(first, last, not is_midnight(one), not is_midnight(other))
        for one, other in texts
        for first, last in [_days(start, one, end, other)]
        if first and last and last < date.max
    ]


def _days(
    start: dict[str, Any], one: str, end: dict[str, Any], other: str
) -> tuple[date | None, date | None]:
    if TODO in (start["dates"], end["dates"]):
        return None, None
    return DateFormat(start["dates"]).read(one), DateFormat(end["dates"]).read(other)


def periods(
    sample: Sample, start: dict[str, Any] | None, end: dict[str, Any] | None
) -> list[tuple[date, date]]:
    """Return the first and the last day of each row that has both, as they are written."""
    return [(row.start, row.end) for row in _rows(sample, start, end)] if end else []


def form_of(proposal: Proposal, name: str) -> dict[str, Any] | None:
    """Return the words of a column of dates with the form that holds for it, None if it has no heading."""
    own = proposal.columns.get(name)
    if not heading_of(own):
        return None
    form = proposal.words.get("dates", TODO)
    return {"dates": form[0] if isinstance(form, list) else form, **words_of(own)}


def words_of(own: Any) -> dict[str, Any]:
    """Return what a proposal says about a column as words."""
    return dict(own) if isinstance(own, dict) else {"heading": own}
