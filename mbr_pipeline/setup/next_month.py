"""Another month for a workspace that has sources: what each file is, in which month it lands, what it
replaces.

What belongs here: deciding, from the files of a folder and from what is landed. What does not: recognising
one file (``known_files``), landing (``land_month``), asking on a terminal (``cli.setup``). Whatever the
files do not show is a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period
from mbr_pipeline.profiling.proposal import Question
from mbr_pipeline.setup.arrears import months_behind, usually_behind
from mbr_pipeline.setup.exports import files_in, is_readable_kind, key_of
from mbr_pipeline.setup.known_files import LEAVE, SOURCE, Known, doubts_about, known_datasets, recognised_as
from mbr_pipeline.setup.landed_before import Before, files_of, landed_before, with_headings
from mbr_pipeline.setup.months import months_shown
from mbr_pipeline.setup.plan import Answers
from mbr_pipeline.setup.strangers import Reads, Renamed, strangers
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.workspace import Workspace

_REGISTERS = ("clients", "products")
"""Lists whose old export bills nothing wrong without a name or an id that is asked about."""

BESIDE = "beside"
"""The answer that a file counts beside what is landed for its month."""


@dataclass(frozen=True)
class Arrival:
    """A file that is to land: for which dataset and month, and the landed file that it corrects."""

    path: Path
    name: str
    known: Known
    month: str
    replaces: str = ""


@dataclass
class NextMonth:
    """What would be landed, what is asked first, and what a person should know.

    Attributes:
        period: The month that is run, or empty while it is asked.
        arrivals: The files to land.
        already: Files that are landed, with the name they are landed under.
        questions: By file (``""``: the folder).
        notes: What was noticed.
        left: Files that are left out, with the reason.
        renamed: Names that stand for a client, as answered.
    """

    period: str = ""
    arrivals: list[Arrival] = field(default_factory=list)
    already: list[tuple[str, str]] = field(default_factory=list)
    questions: list[tuple[str, Question]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)


@dataclass
class _Found:
    """A recognised file: the months its rows show, and the landed files of its dataset with these bytes."""

    path: Path
    name: str
    known: Known
    months: Counter[str]
    same: list[Before]

    @property
    def shown(self) -> str:
        """The month of most of its rows; empty where it shows none."""
        return self.months.most_common(1)[0][0] if self.months else ""

    @property
    def is_old(self) -> bool:
        """Whether it is surely the file that is landed: its rows have days, and its bytes are landed."""
        return bool(self.same and self.months)


def next_month(
    folder: Path, workspace: Workspace, msp_id: str, answers: Answers, period: str | None
) -> NextMonth:
    """Look at every file of a folder, beside what is landed.

    Raises:
        ConfigError: It has no file that could be read, or ``period`` is no month.
    """
    plan = NextMonth()
    known = known_datasets(workspace.msp(msp_id))
    before = landed_before(workspace, msp_id, known)
    found = _recognised(folder, with_headings(known, before), before, answers, plan)
    if not found and not plan.questions and not plan.left:
        raise ConfigError(f"{folder}: no file is in it: put the new exports there")
    last = before[-1].month if before else ""
    plan.period = _period(found, before, answers, period, last, plan)
    if not plan.period:
        return plan
    for each in found:
        _place(each, found, before, answers, plan)
    if not plan.questions:
        _ask_names(before, answers, plan)
    return plan


def _ask_names(before: Sequence[Before], answers: Answers, plan: NextMonth) -> None:
    """Ask who the names are that the month's list of clients lacks."""
    new = [
        Reads(a.path, a.name, a.known.connector, a.known.dataset, a.known.settings)
        for a in plan.arrivals
        if a.month == plan.period
    ]
    landed = [
        Reads(b.path, b.path.name, b.known.connector, b.dataset, b.known.settings)
        for b in before
        if (b.month, b.dataset, b.is_replaced) == (plan.period, "clients", False)
    ]
    plan.renamed, asked, unknown = strangers([*landed, *new], answers)
    plan.questions += asked
    plan.notes += [f"{name}: “{text}” is not in the list of clients" for name, text in unknown]


def _recognised(
    folder: Path, known: Sequence[Known], before: Sequence[Before], answers: Answers, plan: NextMonth
) -> list[_Found]:
    found: list[_Found] = []
    seen: dict[tuple[str, str], str] = {}
    for path in files_in(folder):
        name = path.relative_to(folder).as_posix()
        if not is_readable_kind(path):
            plan.left.append((name, "is no .csv, .xlsx, .jsonl or .parquet, also with .gz"))
            continue
        result = recognised_as(path, name, known, answers.get(name, {}).get(key_of(SOURCE)))
        plan.notes += result.notes
        if result.question:
            plan.questions.append((name, result.question))
        elif result.known is None:
            plan.left.append((name, result.left))
        else:
            one = result.known
            months = months_shown(path, name, one.connector, one.dataset, one.settings)
            digest = sha256_of(path)
            same = [b for b in files_of(before, one) if b.sha256 == digest]
            gone = [b for b in before if b.is_replaced and (b.source, b.sha256) == (one.source, digest)]
            twin = seen.setdefault((one.label, digest), name)
            if twin != name:
                plan.left.append((name, f"has the same content as {twin}"))
            elif gone and not same:
                plan.left.append((name, f"it was replaced in {gone[-1].month}"))
            else:
                found.append(_Found(path, name, one, months, same))
    return found


def _period(
    found: Sequence[_Found],
    before: Sequence[Before],
    answers: Answers,
    given: str | None,
    last: str,
    plan: NextMonth,
) -> str:
    """Return the month that the new files are for: the one given, or the only one that they show and that is
    not landed for their dataset; with nothing new, the last month that they are landed in.
    """
    # with the month behind it, so that last month's answer cannot answer this month
    key = (f"month after {last}",)
    said = given or answers.get("", {}).get(key_of(key))
    if said:
        return Period.parse(str(said)).text
    new = [each for each in found if not each.same]
    fresh = {each.shown for each in new if each.shown and not files_of(before, each.known, each.shown)}
    corrected = {each.shown for each in new if each.shown} - fresh
    landed = sorted({b.month for each in found for b in each.same})
    telling = {each.shown for each in new if each.known.dataset == "invoice_lines" and each.shown in fresh}
    if len(months := telling or fresh or corrected) == 1:
        return months.pop()
    if not new and landed and not plan.questions:
        return landed[-1]
    if plan.questions and not fresh:
        return ""  # the files that are asked about may show it
    seen = "; ".join(f"{each.name}: {each.shown}" for each in new if each.shown)
    following = Period.parse(last).end.isoformat()[:7] if last else ""
    options = tuple(sorted(fresh | corrected)) or tuple(each for each in (following, last) if each)
    told = f"the month that the new files are for? {seen or 'no new file shows it'}"
    plan.questions.insert(0, ("", Question(key, told, options)))
    return ""


def _place(
    each: _Found, found: Sequence[_Found], before: Sequence[Before], answers: Answers, plan: NextMonth
) -> None:
    """Decide on one file: it is landed already, lands for a month, is asked about, or is left."""
    said = answers.get(each.name, {})
    here = next((b for b in each.same if b.month == plan.period), None)
    if here or each.is_old:
        plan.already.append((each.name, (here or each.same[-1]).name))
        return
    if each.same:
        _place_unchanged(each, found, before, said, plan)
        return
    month = _month_of(each, before, said, plan)
    if month and not _is_doubted(each, month, before, said, plan):
        _land(each, month, before, said, plan)


def _is_doubted(
    each: _Found, month: str, before: Sequence[Before], said: Mapping[str, Any], plan: NextMonth
) -> bool:
    """Ask what a file shows that no landed file of its dataset did; it may be left for that."""
    earlier = [b.path for b in files_of(before, each.known)]
    asked = doubts_about(each.path, each.known, earlier, month, said)
    if any(said.get(key_of(question.key)) == LEAVE for question in asked):
        plan.left.append((each.name, "as answered"))
    else:
        plan.questions += [(each.name, question) for question in asked]
    return bool(asked)


def _place_unchanged(
    each: _Found, found: Sequence[_Found], before: Sequence[Before], said: Mapping[str, Any], plan: NextMonth
) -> None:
    """A list without days whose bytes were landed for another month: it is that old file, or it is the new
    one and nothing changed. In a folder without files of other months a register is the new one; seats and
    agreements, of which nothing else would tell that they are old, are asked about there too.
    """
    old = each.same[-1]
    is_new_folder = not any(o.is_old and all(b.month != plan.period for b in o.same) for o in found)
    others = [o for o in found if o.known.label == each.known.label and not o.same]
    key = (f"land for {plan.period}",)
    answer = said.get(key_of(key))
    if files_of(before, each.known, plan.period) or others or answer == LEAVE:
        plan.already.append((each.name, old.name))
    elif answer == plan.period or (is_new_folder and each.known.dataset in _REGISTERS):
        if not answer:
            plan.notes.append(f"{each.name}: is the same as {old.name}, taken as exported again")
        plan.arrivals.append(Arrival(each.path, each.name, each.known, plan.period))
    else:
        text = (
            f"it is the same as {old.name}, and {each.known.label} has nothing else for {plan.period}: was"
            f" it exported again and nothing changed ({plan.period}), or is it the old file ({LEAVE})?"
        )
        plan.questions.append((each.name, Question(key, text, (plan.period, LEAVE))))


def _month_of(each: _Found, before: Sequence[Before], said: Mapping[str, Any], plan: NextMonth) -> str:
    """Return the month a file lands in; empty if that is asked, or if it is left."""
    if each.shown in ("", plan.period):
        return plan.period
    if files_of(before, each.known, each.shown):
        return each.shown  # another file of a month that is landed
    if months_behind(each.shown, plan.period) == usually_behind(files_of(before, each.known)):
        return plan.period
    key = (f"month of {each.shown}",)
    answer = said.get(key_of(key))
    if answer == LEAVE:
        plan.left.append((each.name, "as answered"))
        return ""
    if answer:
        return Period.parse(str(answer)).text
    text = f"its rows are of {each.shown} and the month is {plan.period}: for which is it billed?"
    plan.questions.append((each.name, Question(key, text, (plan.period, each.shown, LEAVE))))
    return ""


def _land(
    each: _Found, month: str, before: Sequence[Before], said: Mapping[str, Any], plan: NextMonth
) -> None:
    """Land a file; where its month has another, a person says whether it corrects that one."""
    there = [] if each.known.files == "replace" else files_of(before, each.known, month)
    key = (f"replaces in {month}",)
    answer = str(said.get(key_of(key), ""))
    if answer == LEAVE:
        plan.left.append((each.name, "as answered"))
    elif not there or answer == BESIDE:
        plan.arrivals.append(Arrival(each.path, each.name, each.known, month))
    elif answer in (names := [b.path.name for b in there]):
        plan.arrivals.append(Arrival(each.path, each.name, each.known, month, answer))
    else:
        text = (
            f"{each.known.label} of {month} is landed with other content ({', '.join(names)}): does this file"
            f" replace one of them, or count {BESIDE} them? {LEAVE} leaves it out"
        )
        plan.questions.append((each.name, Question(key, text, (*names, BESIDE, LEAVE))))
