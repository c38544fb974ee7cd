"""Deciding on the page, in two steps: what would be done, then doing it; and taking it back.

What belongs here: reading the forms, and saying what was done. What does not: what may be decided
(``mbr_pipeline.decide``: the command line's functions), and showing findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from starlette.responses import Response

from connectors.counted import plural
from mbr_pipeline.decide.as_seen import DoneSeen, Seen, decide_seen
from mbr_pipeline.decide.command import Done, Scope, release_client
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.making import Wish
from mbr_pipeline.decide.rulings import rule
from mbr_pipeline.errors import MbrError, MonthClosed
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.worklist.asked import Asked
from mbr_pipeline.serve.worklist.findings import TITLES, Amount, findings
from mbr_pipeline.serve.worklist.groups import in_order
from mbr_pipeline.serve.worklist.items import read
from mbr_pipeline.serve.worklist.views import ACTIONS, DONE, held_uncompared, last_batch
from mbr_pipeline.workspace.people import money

_SHOWN = 20
_A_FIELD = 500
"""Findings that one field of a form carries."""
_REASONS = 30


@dataclass(frozen=True)
class Asking:
    """What a form says.

    Attributes:
        action: One of :data:`ACTIONS`.
        chosen: The findings as they were seen.
        asked: The list that it was chosen from.
        back: Id of the finding whose page it came from; empty: the list.
        fields: What was written: reason, until, up_to.
    """

    action: str
    chosen: Sequence[Seen]
    asked: Asked
    back: str
    fields: Mapping[str, str]

    def wish(self, ask: Ask) -> Wish:
        """Return the wish.

        Raises:
            ValueError: The month or the amount is none.
            ConfigError: The month is none.
        """
        until, up_to = self.fields["until"], self.fields["up_to"]
        amount: Decimal | None = money(up_to) if up_to else None
        return Wish(
            self.action,
            ask.person,
            self.fields["reason"] or None,
            Period.parse(until).text if until else None,
            amount,
        )


def decide(ask: Ask) -> Response:
    """Both steps: ``step`` is ``enter`` in the second."""
    form = _asking(ask)
    if form is None:
        return _back(ask, Asked.read(ask.text("list")), "", "Choose findings first, and what to do.", "bad")
    if ask.text("step") != "enter":
        return _preview(ask, form)
    try:
        done = decide_seen(ask.workspace, form.wish(ask), form.chosen, ask.month)
    except (MbrError, ValueError) as error:
        return _preview(ask, form, plain(error))
    said, kind = _said(form.action, done)
    return _back(ask, form.asked, form.back, said, kind)


def _asking(ask: Ask) -> Asking | None:
    """Return what the form says; None where it chooses nothing."""
    action, asked = ask.text("action"), Asked.read(ask.text("list"))
    if action not in ACTIONS:
        return None
    chosen = [Seen.read(text) for field in ask.texts("chosen") for text in field.split()]
    if ask.text("whole") and (work := read(ask.month)):
        chosen = [Seen.read(item.seen) for item in work.asked(asked)]
    found = [each for each in chosen if each is not None]
    fields = {name: ask.text(name) for name in ("reason", "until", "up_to")}
    return Asking(action, found, asked, _came_from(ask), fields) if found else None


def _came_from(ask: Ask) -> str:
    """Return the finding whose page a form is of; empty for the list."""
    found, back = findings(ask.month), ask.text("back")
    return back if found and back in found.month.exceptions else ""


def _preview(ask: Ask, form: Asking, said: str = "") -> Response:
    """Show what would be done, and ask for the reason: a dry run with stand-ins for what is not asked yet."""
    stand_in = Wish(
        form.action,
        ask.person,
        "-" if form.action != "approve" else None,
        ask.month.period.text if form.action == "waive" else None,
    )
    status = 422 if said else 200
    try:
        dry = decide_seen(ask.workspace, stand_in, form.chosen, ask.month, is_dry_run=True)
    except MbrError as error:
        dry, said = DoneSeen(Done(), {}), said or plain(error)
        status = 409 if isinstance(error, MonthClosed) else 422
    ids = {exception_id for _, exception_id, _ in dry.done.entries}
    found = findings(ask.month)
    chosen = [each for each in (found.rows if found else ()) if each.id in ids]
    left = Counter(map(plain, dry.left.values()))
    seen = [each.text for each in form.chosen if each.exception_id in ids]
    answer = page(
        ask,
        "worklist/preview.html.j2",
        status,
        section="worklist",
        form=form,
        title=ACTIONS[form.action],
        shown=chosen[:_SHOWN],
        count=len(chosen),
        already=dry.done.already,
        pending=sum(state == "pending" for _, _, state in dry.done.entries),
        money=amounts(dry.done),
        left=left,
        fields=[" ".join(seen[at : at + _A_FIELD]) for at in range(0, len(seen), _A_FIELD)],
        reasons=_reasons(ask, form.action),
        said=said,
        cancel=_path(ask, form.asked, form.back),
    )
    # where a script asked, the answer opens above the list instead of in its place
    answer.headers.update({"HX-Retarget": "#ask", "HX-Reselect": "#panel", "HX-Reswap": "innerHTML"})
    return answer


def amounts(done: Done) -> list[Amount]:
    """Return the money of what was decided, by currency and direction."""
    found = done.money.items()
    return in_order(Amount(TITLES[name], sum_, currency) for (currency, name), sum_ in found if sum_)


def _reasons(ask: Ask, action: str) -> list[str]:
    """Return the reasons that were given last for such decisions, the newest first."""
    entries = chain(ask.workspace.paths, ask.month.msp_id, (action,))
    given = [str(entry.body.get("reason") or "") for entry in entries]
    return [reason for reason in dict.fromkeys(reversed(given)) if reason][:_REASONS]


def _said(action: str, done: DoneSeen) -> tuple[str, str]:
    """Say what was done, and what was not and why; the kind of the message."""
    entered = len(done.done.entries) - done.done.already
    parts = []
    if entered:
        waits = sum(state == "pending" for _, _, state in done.done.entries)
        second = f", {waits} of them waiting for a second person" if waits else ""
        parts.append(f"{plural(entered, 'finding')} {DONE[action]}{second}.")
    if done.done.already:
        parts.append(f"{plural(done.done.already, 'finding')} {DONE[action]} so already: entered once.")
    if not parts:
        parts.append("Nothing was decided.")
    parts += [f"Left out: {count} × {plain(why)}." for why, count in done.done.left_out.items()]
    return " ".join(parts), "bad" if done.left else "good"


def undo(ask: Ask) -> Response:
    """Withdraw what the person decided last on the month: the batch that the page showed."""
    back = _came_from(ask)
    asked = Asked.read(ask.text("list"))
    last = last_batch(ask, chain(ask.workspace.paths, ask.month.msp_id))
    batch = [each for each in last if each.at == ask.text("batch")]
    if not batch:
        said = "There is nothing to take back: it was taken back already, or you decided something since."
        return _back(ask, asked, back, said, "bad")
    scope = Scope(ask.month.msp_id, ask.month.period.text)
    ids = [each.decision_id for each in batch]
    try:
        rule(ask.workspace, "withdraw", ids, ask.person, ask.text("reason") or None, scope)
    except MbrError as error:
        return _back(ask, asked, back, plain(error), "bad")
    return _back(ask, asked, back, f"{plural(len(ids), 'decision')} withdrawn.")


def release(ask: Ask) -> Response:
    """Release a client that is held only by what could not be compared, in the same two steps."""
    work, client_id = read(ask.month), ask.text("client")
    held = held_uncompared(work) if work else []
    client = next((each for each in held if each.client_id == client_id), None)
    if client is None:
        raise NotThere
    is_entering, said, state = ask.text("step") == "enter", "", ""
    wish = Wish("release", ask.person, ask.text("reason") or (None if is_entering else "-"))
    scope = Scope(ask.month.msp_id, ask.month.period.text, is_dry_run=not is_entering)
    try:
        seen = ask.texts("key") if is_entering else None
        done = release_client(ask.workspace, wish, client_id, scope, seen)
        state = done.entries[0][2]
    except MbrError as error:
        said = plain(error)
    if is_entering and not said:
        waits = ", once a second person confirms it" if state == "pending" else ""
        return _back(ask, Asked.read(ask.text("list")), "", f"{client_id} is released{waits}.")
    answer = page(
        ask,
        "worklist/release.html.j2",
        422 if said else 200,
        section="worklist",
        client=client,
        state=state,
        said=said,
        query=ask.text("list"),
        reasons=_reasons(ask, "release"),
    )
    answer.headers.update({"HX-Retarget": "#ask", "HX-Reselect": "#panel", "HX-Reswap": "innerHTML"})
    return answer


def plain(error: object) -> str:
    """Return what a function refuses, in the page's words for its options."""
    text = one_line(error)
    for option, word in (("--reason", "a reason"), ("--until", "Until"), ("--up-to", "Up to")):
        text = text.replace(option, word)
    return text


def _path(ask: Ask, asked: Asked, back: str) -> str:
    query = f"?{asked.query}" if asked.query else ""
    if not back:
        return f"{ask.here}/worklist{query}"
    return f"{ask.here}/findings/{back}" + (f"?{urlencode({'list': asked.query})}" if query else "")


def _back(ask: Ask, asked: Asked, back: str, said: str, kind: str = "good") -> Response:
    return go(ask, _path(ask, asked, back), said, kind)
