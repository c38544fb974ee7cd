"""Exports and evidence of a month: what would go out, what went out, and making it.

What belongs here: forms and their answers. What does not: what is written (``mbr_pipeline.release``), and
giving files to the browser (``downloads``).
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from connectors.counted import plural
from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.decide.who import refusal
from mbr_pipeline.errors import ConfigError, GateClosed, MbrError, MonthClosed
from mbr_pipeline.release.evidence.pack import write_sound_pack
from mbr_pipeline.release.exports.command import Exported, Wish, export
from mbr_pipeline.release.exports.history import Made, made
from mbr_pipeline.release.exports.manifest import in_words
from mbr_pipeline.release.exports.targets import OPTIONS as TAKEN_BY
from mbr_pipeline.release.version import closed_version
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.close.words import OPTIONS, TARGETS
from mbr_pipeline.serve.routes import shows, takes

_MEANWHILE = (
    "Somebody exported to here after this page was opened, and nothing was exported again: look at what went"
    " out, then say it again if you still want it."
)

_ANOTHER = (
    "The month was closed again after this page was opened, and nothing was exported: look at what would go"
    " out now, then export it."
)


def _export(ask: Ask) -> Response:
    return _shown(ask, _options(ask.query.getlist("option")))


def _shown(ask: Ask, options: frozenset[str], said: str = "", status: int = 200) -> Response:
    target = _target(ask)
    entries = chain(ask.workspace.paths, ask.month.msp_id)
    went_out = _went_out(ask, target, entries)
    dry_run, why = None, ""
    try:
        # again: the page shows what went out, and lets it be said that more is to go out
        dry_run = _exported(ask, Wish(target, options, is_again=True, is_dry_run=True))
    except MbrError as error:
        why = one_line(error)
    return page(
        ask,
        "close/export.html.j2",
        status,
        section="close",
        said=said,
        target=target,
        title=TARGETS[target],
        went_out=went_out,
        is_open=closing_of(entries, ask.month.period.text).state == "open",
        dry_run=dry_run,
        dry_run_told=in_words(dry_run.manifest) if dry_run else (),
        why=why,
        refused=refusal(ask.workspace.settings.people, ask.person, "export"),
        options={name: OPTIONS[name] for name, targets in TAKEN_BY.items() if target in targets},
        chosen=options,
        is_there=dry_run is not None and any(m.version == dry_run.manifest["version"] for m in went_out),
        newest=went_out[0].entry.entry_id if went_out else "",
    )


def _do_export(ask: Ask) -> Response:
    target, options = _target(ask), _options(ask.texts("option"))
    is_again = bool(ask.text("again"))
    entries = chain(ask.workspace.paths, ask.month.msp_id)
    newest = closing_of(entries, ask.month.period.text).version
    if ask.text("version", str(newest)) != str(newest):
        return _shown(ask, options, _ANOTHER, 409)
    went_out = _went_out(ask, target, entries) if is_again else []
    if is_again and (not went_out or ask.text("newest") != went_out[0].entry.entry_id):
        return _shown(ask, options, _MEANWHILE, 409)
    try:
        done = _exported(ask, Wish(target, options, is_again))
    except (GateClosed, MonthClosed) as error:
        return _shown(ask, options, one_line(error), 409)
    except ConfigError as error:
        return _shown(ask, options, one_line(error), 422)
    name, entry_id = TARGETS[target][0], done.manifest["entry_id"]
    said = (
        f"The export to {name} that was cut off is finished, under its entry {entry_id}."
        if done.state == "finished"
        else f"Exported to {name}, entry {entry_id}: its files are below."
    )
    return go(ask, f"{ask.here}/export/{target}", said)


def _exported(ask: Ask, wish: Wish) -> Exported:
    return export(ask.workspace, ask.month.msp_id, ask.month.period.text, wish, ask.person)


def _went_out(ask: Ask, target: str, entries: Iterable[Entry]) -> list[Made]:
    return [each for each in made(ask.month, entries) if each.target == target]


def _target(ask: Ask) -> str:
    target = ask.path("target")
    if target not in TARGETS:
        raise NotThere
    return target


def _options(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given) & OPTIONS.keys()


def _do_evidence(ask: Ask) -> Response:
    number = ask.text("version")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise NotThere
    closed = closed_version(ask.workspace, ask.month.msp_id, ask.month.period.text, int(number))
    written = write_sound_pack(ask.workspace, closed, with_files=bool(ask.text("with_files")))
    said = (
        f"The evidence of version {closed.number} is written, {plural(written.files, 'file')}. SHA-256 of the"
        f" pack: {written.sha256}"
    )
    return go(ask, f"{ask.here}/close#evidence", said)


ROUTES = (
    shows("/m/{msp}/{period}/export/{target}", _export),
    takes("/m/{msp}/{period}/export/{target}", _do_export),
    takes("/m/{msp}/{period}/evidence", _do_evidence),
)
