"""The page of dropped files: dropping, answering, landing, throwing away.

What belongs here: what is filled in, and the order of the steps. What does not: what a file is taken for
(``recognising``), landing (``mbr_pipeline.decide.landing``).
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from connectors.counted import plural
from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.in_force import closing, refuse_closed
from mbr_pipeline.decide.landing import land
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import one_line, short
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.files.dropped import Dropped, answer, dropped, find, keep, throw_away
from mbr_pipeline.serve.files.recognising import Card, Seen, seen
from mbr_pipeline.serve.forms import MOST_UPLOAD
from mbr_pipeline.serve.routes import shows, takes
from mbr_pipeline.setup.exports import key_of
from mbr_pipeline.setup.known_files import SOURCE, known_datasets
from mbr_pipeline.setup.land_month import add_names, as_it_lands, place_of
from mbr_pipeline.workspace.workspace import Workspace

_OWN = "own words"
"""The option that stands for what is written beside it."""


def may_land(ask: Ask, subject: str) -> None:
    """Let somebody go on who may land files, in a month that is open.

    Raises:
        ConfigError: They may not, which is entered.
        MonthClosed: The month is closed.
    """
    month = ask.month
    allow(ask.workspace, ask.person, "land", {month.msp_id: subject}, Scope(month.msp_id, month.period.text))
    refuse_closed(month)


def _drop(ask: Ask) -> Response:
    files = ask.files("files")
    may_land(ask, ", ".join(short(file.filename or "") for file in files[:20]) or "no file")
    if not files:
        return go(ask, f"{ask.here}/files", "No file was chosen.", "bad")
    kept = 0
    for file in files:
        try:
            keep(ask.month, file.filename or "", file.file, ask.person)
            kept += 1
        except ConfigError as error:
            ask.session.told.append(("bad", one_line(error)))
    said = f"{plural(kept, 'file')} taken, not landed yet: look at what each is, then land." if kept else ""
    return go(ask, f"{ask.here}/files/new", said)


def _new(ask: Ask) -> Response:
    with seen(ask.workspace, ask.month, dropped(ask.month)) as found:
        return _shown(ask, found)


def _shown(ask: Ask, found: Seen, http_status: int = 200, said: str = "", reason: str = "") -> Response:
    ready = [card for card in found.cards if card.is_ready]
    return page(
        ask,
        "files/new.html.j2",
        http_status,
        section="files",
        found=found,
        ready=ready,
        replacing=[card for card in ready if card.arrival and card.arrival.replaces],
        labels=[known.label for known in known_datasets(ask.workspace.msp(ask.month.msp_id))],
        closed=closing(ask.month).told(ask.month.msp_id, ask.month.period.text),
        said=said,
        reason=reason,
        own=_OWN,
    )


def _answer(ask: Ask) -> Response:
    one = dropped_file(ask)
    may_land(ask, one.name)
    key = ask.text("key")
    said = ask.text("answer")
    said = ask.text("own") if said == _OWN else said
    with seen(ask.workspace, ask.month, dropped(ask.month)) as found:
        card = next(card for card in found.cards if card.one.id == one.id)
        if key not in {each.key for each in card.asked} | {key_of(SOURCE)}:
            return go(ask, f"{ask.here}/files/new", "This is not asked any more: look again.", "bad")
    if not said:
        return go(ask, f"{ask.here}/files/new", f"{short(one.name)}: choose an answer first.", "bad")
    # another source is another file: what was said of it as the first one's is void
    kept = {} if key == key_of(SOURCE) else one.answers
    answer(one, {**kept, key: said})
    return go(ask, f"{ask.here}/files/new", f"{short(one.name)}: noted.")


def _again(ask: Ask) -> Response:
    one = dropped_file(ask)
    may_land(ask, one.name)
    answer(one, {})
    return go(ask, f"{ask.here}/files/new", f"{short(one.name)}: what was answered is forgotten.")


def _throw(ask: Ask) -> Response:
    one = dropped_file(ask)
    may_land(ask, one.name)
    throw_away(one)
    return go(ask, f"{ask.here}/files/new", f"{short(one.name)} was thrown away; nothing was landed of it.")


def _land(ask: Ask) -> Response:
    files = dropped(ask.month)
    wanted = {one.id: ask.text(f"as.{one.id}") for one in files if one.id in ask.texts("id")}
    may_land(ask, ", ".join(one.name for one in files if one.id in wanted) or "no file")
    reason = ask.text("reason")
    with seen(ask.workspace, ask.month, files) as found:
        cards = [card for card in found.cards if card.one.id in wanted]
        if len(cards) < len(set(ask.texts("id"))) or any(
            not card.is_ready or card.meant != wanted[card.one.id] for card in cards
        ):
            said = "What you saw has changed meanwhile, and nothing was landed: look at it again."
            return _shown(ask, found, 409, said, reason)
        if not cards:
            return _shown(ask, found, 422, "No file is chosen.", reason)
        if not reason and any(card.arrival and card.arrival.replaces for card in cards):
            return _shown(ask, found, 422, "Say why a landed file is replaced; nothing was landed.")
        for month in {card.arrival.month for card in cards if card.arrival}:
            refuse_closed(ask.workspace.month(ask.month.msp_id, month))
        return _landed(ask, found, cards, reason)


def _landed(ask: Ask, found: Seen, cards: Sequence[Card], reason: str) -> Response:
    """Land the files one after the other; one that is refused stays, with the reason."""
    msp_id = ask.month.msp_id
    for source, name in add_names(ask.workspace, msp_id, found.plan):
        told = f"mbr.yml: {source}: “{short(name.text)}” is {short(name.client_id)}, as answered"
        ask.session.told.append(("good", told))
    workspace = Workspace.open(ask.workspace.paths)
    months: set[str] = set()
    for card in cards:
        assert card.arrival is not None
        place = place_of(workspace, msp_id, card.arrival)
        file = as_it_lands(workspace, msp_id, card.arrival, found.folder / ".landing" / card.one.id)
        replaced = [card.arrival.replaces] if card.arrival.replaces else []
        try:
            result = land(place, ask.person, [file], replaced, reason if replaced else "")
        except ConfigError as error:
            ask.session.told.append(("bad", one_line(error)))
            continue
        throw_away(card.one)
        months.add(place.month.period.text)
        where = f"{place.month.period.text}/{place.source}/{result.files[0].name}"
        rows = plural(result.files[0].rows, "row")
        instead = f", in place of {replaced[0]}" if replaced else ""
        ask.session.told.append(("good", f"{short(card.one.name)} landed as {where} ({rows}){instead}."))
        ask.session.told += [("wait", one_line(warning)) for warning in result.warnings]
    for other in sorted(months - {ask.month.period.text}):
        ask.session.told.append(("wait", f"{other} has another file now: run that month again."))
    return go(ask, f"{ask.here}/files" if not dropped(ask.month) else f"{ask.here}/files/new")


def dropped_file(ask: Ask) -> Dropped:
    """Return the dropped file that a form or a path names.

    Raises:
        NotThere: There is none: it was landed, thrown away, or is too old.
    """
    given = ask.request.path_params.get("id") or ask.text("id")
    found = find(ask.month, str(given))
    if found is None:
        raise NotThere
    return found


ROUTES = (
    takes("/m/{msp}/{period}/files/drop", _drop, most_bytes=MOST_UPLOAD),
    shows("/m/{msp}/{period}/files/new", _new),
    takes("/m/{msp}/{period}/files/answer", _answer),
    takes("/m/{msp}/{period}/files/again", _again),
    takes("/m/{msp}/{period}/files/throw", _throw),
    takes("/m/{msp}/{period}/files/land", _land),
)
