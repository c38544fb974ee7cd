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
from connectors.mapped.values import DateFormat, days_read, is_midnight
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
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
_START = "it has times of day: next_midnight if that is midnight in your time zone, day if it is in UTC"
_LOCAL = re.compile(r"[T ](?:1[2-9]|2[0-3]):[03]0(?::00(?:\.0+)?)?(?:Z|\+00:?00)?$")
"""The hours of UTC at which a day begins east of it."""

_COUNT = re.compile("-?([0-9]{1,5})(?:[.,]0+)?")
_DAYS = word_set("day days tag tage tagen jour jours dia dias dag dagen giorno giorni nights")
_OTHER_DAYS = word_set("due payment net terms notice trial grace zahlungsziel echeance paiement")
_ENOUGH = 3
"""So many different lengths of periods stand beside their numbers of days by no chance."""


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
    counted = _by_numbers_of_days(sample, start, end)
    is_local = _are_local(sample, start, rows)
    is_timed = is_local or (dataset.name != "agreements" and not all(map(is_midnight, texts)))
    if counted and not is_timed:
        take, why = counted
    elif texts and all(map(_TO_THE_MINUTE.search, texts)):
        take, why = "day_after", "it ends a minute before midnight"
    elif not texts and dataset.name == "agreements":
        take, why = "day_after", "no row has an end yet: taken as a last day, asked when the first has one"
    elif not is_timed and _are_days(rows):
        take, why = "day", "each is a day that ends when the next begins"
    else:
        take = _of_moments(rows) if is_timed else _of_days(rows)
        why = _WHY[take]
        if is_local or (take == TODO and _are_of_another_zone(rows)):
            _ask_start(proposal, dataset)
            take, why = TODO, f"{_WHY[TODO]}, next_midnight if it is midnight in your time zone"
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
    if _are_of_another_zone(rows):
        return TODO
    midnights = [row for row in rows if not row.ends_late]
    is_moment = any(row.begins_late or is_whole(row.start, row.end) for row in midnights) or _are_days(
        [row for row in midnights if row.end - row.start == _A_DAY]
    )
    is_last_day = any(is_whole(row.start, row.end + _A_DAY) for row in midnights)
    if is_last_day:
        return TODO if is_moment else "day_after"
    return "next_midnight" if rows and (is_moment or not midnights) else TODO


def _are_of_another_zone(rows: list[_Row]) -> bool:
    return any(row.begins_late and row.end - row.start > _A_DAY for row in rows)


def _are_local(sample: Sample, start: dict[str, Any] | None, rows: list[_Row]) -> bool:
    """Whether all starts are hours at which a day begins in time zones east of UTC, of longer periods."""
    texts = sample.values(start["heading"]) if start else []
    is_longer = not rows or _are_of_another_zone(rows)
    return bool(texts) and is_longer and all(map(_LOCAL.search, texts))


def _ask_start(proposal: Proposal, dataset: Dataset) -> None:
    """Ask which day a start is that is written in another time zone."""
    name = dataset.interval[0] if dataset.interval else ""
    own = words_of(proposal.columns[name])
    if "take" not in own:
        proposal.columns[name] = {**own, "take": TODO}
        proposal.column_why[name] += f"; {_START}"
        proposal.options["columns", name, "take"] = ("next_midnight", "day")


def _by_numbers_of_days(
    sample: Sample, start: dict[str, Any] | None, end: dict[str, Any]
) -> tuple[str, str] | None:
    """What a column of numbers of days proves: one that is end minus start in every row says that the end is
    the day behind, one more that it is the last day; asked where whole months say otherwise.
    """
    if start is None:
        return None
    lengths = [
        (row, (last - first).days)
        for row in sample.rows
        for first, last in [_days(start, row.get(start["heading"], ""), end, row.get(end["heading"], ""))]
        if first and last
    ]
    several = len({length for _, length in lengths})
    whole = _of_whole_months(_rows(sample, start, end))
    for heading in filter(None, sample.headings):
        words = set(folded(heading).split())
        is_called = bool(_DAYS & words) and not _OTHER_DAYS & words
        if not lengths or several < (1 if is_called else _ENOUGH):
            continue
        found = [_COUNT.fullmatch(row.get(heading, "")) for row, _ in lengths]
        more = {int(count[1]) - length for count, (_, length) in zip(found, lengths, strict=True) if count}
        if not all(found) or not more <= {0, 1}:
            continue
        take = TODO if len(more) > 1 else "day_after" if more == {1} else "day"
        if take == TODO or (whole and whole != {take}):
            return TODO, f"“{heading}” counts other days than whole months do: {_WHY[TODO]}"
        return take, f"“{heading}” counts its days"
    return None


def _of_whole_months(rows: list[_Row]) -> set[str]:
    """What ends periods by those that are whole months beyond doubt."""
    found = {"day" for row in rows if row.end > row.start and is_whole(row.start, row.end)}
    return found | {"day_after" for row in rows if is_whole(row.start, row.end + _A_DAY)}


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
    return _day(start["dates"], one), _day(end["dates"], other)


def _day(forms: Any, text: str) -> date | None:
    """The only day that a text can be."""
    listed = forms if isinstance(forms, list) else [forms]
    days = days_read([DateFormat(form) for form in listed if form != TODO], text)
    return days.pop() if len(days) == 1 else None


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
    return {"dates": proposal.words.get("dates", TODO), **words_of(own)}


def words_of(own: Any) -> dict[str, Any]:
    """Return what a proposal says about a column as words."""
    return dict(own) if isinstance(own, dict) else {"heading": own}
