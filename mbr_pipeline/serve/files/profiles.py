"""The page of a dropped file that no source of ``mbr.yml`` reads: how it could be read as a new source.

What belongs here: showing a proposal, reading the file with what a person made of it, adding the source. What
does not: proposing (``mbr_pipeline.setup.exports``, ``mbr_pipeline.profiling``), editing ``mbr.yml``
(``mbr_pipeline.setup.settings_edit``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml
from starlette.responses import Response

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.words import TODO
from mbr_pipeline.decide.deeds import enter_source
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.profiling.as_yaml import as_yaml, yaml_text
from mbr_pipeline.profiling.preview import Preview, preview
from mbr_pipeline.profiling.proposal import DATASET
from mbr_pipeline.safe_text import one_line, short
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.files.arriving import dropped_file, may_land
from mbr_pipeline.serve.files.dropped import Dropped, answer, linked
from mbr_pipeline.serve.files.recognising import Look, look_at
from mbr_pipeline.serve.routes import shows, takes
from mbr_pipeline.setup.exports import Export, answer_in, answer_text, key_of, recognised
from mbr_pipeline.setup.known_files import SOURCE
from mbr_pipeline.setup.plan import system_of
from mbr_pipeline.setup.settings_edit import add_source, source_in, with_source
from mbr_pipeline.workspace.settings import FILE_NAME, settings_in
from mbr_pipeline.workspace.workspace import Workspace

_ROWS = 5
_LONGEST_ANSWER = 2000
_LOOKED_AT_WITH = ("encoding", "delimiter", "header_row")


@dataclass(frozen=True)
class _Tried:
    """A file read as a person wrote the source: by which datasets, and what it says as each."""

    source: str
    looks: tuple[tuple[str, Look], ...]

    @property
    def dataset(self) -> str:
        """The first dataset as which it can land; empty where it can as none."""
        return next((name for name, look in self.looks if not look.refusal), "")


def _propose(ask: Ask) -> Response:
    one = dropped_file(ask)
    with linked(ask.month, [one]) as folder:
        return _shown(ask, one, folder / one.place)


def _decide(ask: Ask) -> Response:
    """Note answers to what the file does not show; each stands in the proposal from then on."""
    one = dropped_file(ask)
    may_land(ask, one.name)
    with linked(ask.month, [one]) as folder:
        export = recognised(folder / one.place, one.name, _said(ask, one.answers))
        given = dict(one.answers)
        for question in export.questions:
            key = key_of(question.key)
            typed = ask.text(f"own.{key}") or ask.text(f"answer.{key}")
            if typed:
                try:
                    given[key] = answer_in(typed[:_LONGEST_ANSWER])
                except (yaml.YAMLError, RecursionError):
                    return _shown(
                        ask, one, folder / one.place, 422, said=f"{short(typed)}: correct the braces"
                    )
        try:  # what no proposal can hold must not be kept, or the page would never open again
            _preview(ask, recognised(folder / one.place, one.name, _said(ask, given)))
        except (UnreadableFile, MbrError, ValueError, LookupError, TypeError, AttributeError):
            said = "One of these cannot be an answer: write it as the examples, or in the YAML below."
            return _shown(ask, one, folder / one.place, 422, said=said)
        answer(one, given)
    dataset = f"?dataset={ask.text('dataset')}" if ask.text("dataset") in DATASETS else ""
    return go(ask, f"{ask.here}/files/new/{one.id}{dataset}", "Noted: look at the rows below.")


def _said(ask: Ask, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was answered, and the dataset that the page was asked for."""
    wanted = ask.query.get("dataset") or ask.text("dataset")
    return {**answers, **({key_of(DATASET): wanted} if wanted in DATASETS else {})}


def _check(ask: Ask) -> Response:
    return _with_block(ask, is_added=False)


def _add(ask: Ask) -> Response:
    return _with_block(ask, is_added=True)


def _with_block(ask: Ask, *, is_added: bool) -> Response:
    """Read the file with the source as it was written; add the source if asked, and the file is read."""
    one = dropped_file(ask)
    may_land(ask, one.name)
    written = ask.form.get("block")  # its first spaces say how far it is to the right
    block = written.replace("\r\n", "\n") if isinstance(written, str) else ""
    with linked(ask.month, [one]) as folder:
        path = folder / one.place
        try:
            tried = _tried(ask, one, path, block)
            if not is_added or not tried.dataset:
                return _shown(ask, one, path, 422 if is_added else 200, block, tried)
            source, settings = add_source(ask.workspace.paths, ask.month.msp_id, block)
            enter_source(ask.month, ask.person, source, settings)
        except ConfigError as error:
            return _shown(ask, one, path, 422, block, said=one_line(error))
    answer(one, {key_of(SOURCE): f"{source}/{tried.dataset}"})
    return go(ask, f"{ask.here}/files/new", f"mbr.yml has the source {source} now; its file can land.")


def _tried(ask: Ask, one: Dropped, path: Path, block: str) -> _Tried:
    """Read a file as it would be read if the source stood in ``mbr.yml``.

    Raises:
        ConfigError: The source is wrong.
    """
    workspace, month = ask.workspace, ask.month
    settings_file = workspace.paths.root / FILE_NAME
    changed = with_source(settings_file.read_text(encoding="utf-8"), settings_file, month.msp_id, block)
    would_be = Workspace(workspace.paths, settings_in(changed, settings_file))
    source, _ = source_in(block)
    looks = []
    for dataset in would_be.msp(month.msp_id).sources[source].datasets:
        place = Place.of(would_be, month.msp_id, month.period.text, source, dataset)
        link = path.parents[1] / ".reading" / dataset / month.period.text / source / place.name_of(path)
        link.parent.mkdir(parents=True)
        link.symlink_to(one.path.resolve())
        looks.append((dataset, look_at(place, link)))
    return _Tried(source, tuple(looks))


def _shown(
    ask: Ask,
    one: Dropped,
    path: Path,
    http_status: int = 200,
    block: str | None = None,
    tried: _Tried | None = None,
    said: str = "",
) -> Response:
    wanted = ask.query.get("dataset") or ask.text("dataset")
    export, unreadable, first = None, "", None
    try:
        export = recognised(path, one.name, _said(ask, one.answers))
        first = _preview(ask, export) if block is None else None
    except UnreadableFile as error:
        unreadable = one_line(error)
    context: dict[str, Any] = {
        "export": export,
        "first": first,
        "columns": _columns(first, export) if first and export else (),
        "block": _block(export) if block is None and export else block or "",
    }
    return page(
        ask,
        "files/proposal.html.j2",
        http_status,
        section="files",
        one=one,
        unreadable=unreadable,
        key_of=key_of,
        answer_text=answer_text,
        wanted=wanted,
        datasets=tuple(DATASETS),
        tried=tried,
        said=said,
        **context,
    )


def _preview(ask: Ask, export: Export) -> Preview | None:
    """The file as the proposal reads it; None where it has none, or needs more answers first."""
    proposal = export.proposal
    if proposal is None or TODO in (proposal.words.get(word) for word in _LOOKED_AT_WITH):
        return None
    month = ask.month.period.start
    return preview(export.path, DATASETS[export.dataset], proposal.settings, _ROWS, month)


def _columns(first: Preview, export: Export) -> Sequence[str]:
    names = DATASETS[export.dataset].column_names
    return tuple(name for name in names if any(record.get(name) for record in first.records))


def _block(export: Export) -> str:
    """Return the source as it would stand in ``mbr.yml``, with the reason of every line."""
    name = system_of(export)
    if export.proposal is not None:
        return dedent(as_yaml(export.proposal, name, export.dataset))
    connector = "" if export.connector == "canonical" else f"  connector: {export.connector}\n"
    return f"{yaml_text(name)}:\n{connector}  datasets: [{export.dataset}]\n"


ROUTES = (
    shows("/m/{msp}/{period}/files/new/{id}", _propose),
    takes("/m/{msp}/{period}/files/new/{id}/decide", _decide),
    takes("/m/{msp}/{period}/files/new/{id}/check", _check),
    takes("/m/{msp}/{period}/files/new/{id}/add", _add),
)
