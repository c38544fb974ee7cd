"""Whether files that speak of the same clients and products call them the same.

What belongs here: finding the column that two files share. What does not: mapping a vendor's names to
clients, which a person confirms (``mapping_help``).
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.files.records import UnreadableFile
from mbr_pipeline.profiling.proposal import Question, heading_of
from mbr_pipeline.profiling.sample import Sample, take_sample
from mbr_pipeline.setup.exports import Export

_REGISTERS = {"client_id": ("clients", "client_name"), "product_code": ("products", "product_name")}
_USERS = ("agreements", "invoice_lines")


def joined_ids(exports: Sequence[Export]) -> tuple[list[str], list[tuple[str, Question]]]:
    """Let agreements and invoices name clients and products as their registers do.

    A file that has the right ids under another heading is read by that one. Where a file has only names, and
    the names of the register are each another's, all files are read by names. Returns what was done, and what
    is asked.
    """
    notes: list[str] = []
    asked: list[tuple[str, Question]] = []
    for column, (register_name, name_column) in _REGISTERS.items():
        register = next((e for e in exports if e.dataset == register_name and _is_known(e)), None)
        users = [e for e in exports if e.dataset in _USERS and _is_known(e)]
        if register is not None and users:
            _join(register, users, column, name_column, notes, asked)
    return notes, asked


def _is_known(export: Export) -> bool:
    return export.proposal is not None and export.proposal.is_certain


def _join(
    register: Export,
    users: list[Export],
    column: str,
    name_column: str,
    notes: list[str],
    asked: list[tuple[str, Question]],
) -> None:
    samples = {export.name: _sample(export) for export in (register, *users)}
    ids, names = (_values(register, samples, name) for name in (column, name_column))
    if not ids:
        return
    by_name = []
    for export in users:
        own = _values(export, samples, column)
        if not own or own <= ids:
            continue
        other = _column_within(samples[export.name], ids)
        if other:
            _use(export, column, other, f"its values are ids of {register.name}")
            notes.append(
                f"{export.name}: {column} is read from “{other}”, which has the ids of {register.name}"
            )
        else:
            by_name.append(export)
    if not by_name:
        return
    heading = heading_of(register.profile["columns"].get(name_column))
    listed = samples[register.name]
    are_own = bool(heading and listed and len(names) == len(listed.values(heading)))
    shared = {export.name: _column_within(samples[export.name], names) for export in users}
    if are_own and heading and all(shared.values()):
        _use(register, column, heading, "the other files know them by name only")
        for export in users:
            _use(export, column, str(shared[export.name]), f"its values are names of {register.name}")
        told = ", ".join(export.name for export in by_name)
        notes.append(
            f"{column}: {told} has names and no ids, so all files are read by the names of {register.name}"
        )
        return
    for export in by_name:
        lacking = sorted(_values(export, samples, column) - ids)
        are = "names" if set(lacking) <= names else "not"
        told = (
            f"{column}: {', '.join(lacking[:3])} … are {are} {'' if are == 'names' else 'among the ids'} of"
            f" {register.name}; which column has its ids?"
        )
        asked.append((export.name, Question(("columns", column), " ".join(told.split()))))


def _sample(export: Export) -> Sample | None:
    try:
        return take_sample(export.path)
    except UnreadableFile:
        return None


def _values(export: Export, samples: dict[str, Sample | None], column: str) -> set[str]:
    heading = heading_of(export.profile.get("columns", {}).get(column))
    sample = samples[export.name]
    return set(sample.values(heading)) if sample and heading else set()


def _column_within(sample: Sample | None, known: set[str]) -> str | None:
    """The one column all of whose values are known; None if there is none, or more than one."""
    fitting = [
        heading
        for heading in (sample.headings if sample else ())
        if heading and sample and (values := set(sample.values(heading))) and values <= known
    ]
    return fitting[0] if len(fitting) == 1 else None


def _use(export: Export, column: str, heading: str, why: str) -> None:
    if export.proposal is not None:
        export.proposal.put(column, heading, why)
        export.proposal.cells.pop(column, None)  # those of the column it was made from before
        export.profile = export.proposal.settings
