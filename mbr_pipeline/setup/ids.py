"""Whether files that speak of the same clients and products call them the same.

What belongs here: finding the column that two files share. What does not: mapping a vendor's names to
clients, which a person confirms (``mapping_help``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
    name_of = _pairs(register, samples, column, name_column)
    id_of = {name: identifier for identifier, name in name_of.items()}
    if not name_of:
        return
    by_name = []
    for export in users:
        own = _values(export, samples, column)
        if not own or _mostly(own, name_of, column) or column in export.answered:
            continue
        # only a column that has, row by row, the id of the name beside it
        other = _column_of(export, samples, column, id_of)
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
    are_own = len(id_of) == len(name_of) and column not in register.answered
    shared = {export.name: _name_column(export, samples, column, name_of) for export in users}
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
        lacking = sorted(_values(export, samples, column) - set(name_of))
        are = "names" if set(lacking) <= set(id_of) else "not among the ids"
        told = (
            f"{column}: {', '.join(lacking[:3])} … are {are} of {register.name}; which column has its ids?"
            f" the one proposed may stay: {_heading(export, column)}"
        )
        asked.append((export.name, Question(("columns", column), told, (_heading(export, column),))))


def _pairs(register: Export, samples: dict[str, Sample | None], key: str, value: str) -> dict[str, str]:
    """Return the register's names by id, as its rows have them."""
    sample, one, other = samples[register.name], _heading(register, key), _heading(register, value)
    if sample is None or one is None or other is None:
        return {}
    return {row[one]: row[other] for row in sample.rows if row.get(one) and row.get(other)}


def _name_column(
    export: Export, samples: dict[str, Sample | None], column: str, name_of: dict[str, str]
) -> str | None:
    """The column with the register's names: the one proposed, or the one that goes with its ids."""
    if column in export.answered:
        return None
    if _mostly(_values(export, samples, column), name_of.values(), column):
        return _heading(export, column)
    return _column_of(export, samples, column, name_of)


def _mostly(own: set[str], known: Collection[str], column: str) -> bool:
    """Whether these are the known ones: all of them, or of clients at least half: who the others are is asked
    one by one (``strangers``).
    """
    if column != "client_id":
        return own <= set(known)
    return len(own & set(known)) * 2 >= len(own)


def _column_of(
    export: Export, samples: dict[str, Sample | None], column: str, partner: dict[str, str]
) -> str | None:
    """The one column that has in every row what belongs to the value of ``column`` there; values that merely
    occur elsewhere, such as small numbers, prove nothing. None if there is none, or more than one.
    """
    sample, own = samples[export.name], _heading(export, column)
    rows = [row for row in sample.rows if row.get(own or "")] if sample else []
    fitting = [
        heading
        for heading in (sample.headings if sample else ())
        if heading
        and rows
        and all(row.get(heading) and row[heading] == partner.get(row[own or ""]) for row in rows)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _heading(export: Export, column: str) -> str | None:
    return heading_of(export.profile.get("columns", {}).get(column))


def _sample(export: Export) -> Sample | None:
    try:
        return take_sample(export.path)
    except UnreadableFile:
        return None


def _values(export: Export, samples: dict[str, Sample | None], column: str) -> set[str]:
    heading, sample = _heading(export, column), samples[export.name]
    return set(sample.values(heading)) if sample and heading else set()


def _use(export: Export, column: str, heading: str, why: str) -> None:
    if export.proposal is not None:
        export.proposal.put(column, heading, why)
        export.proposal.cells.pop(column, None)  # those of the column it was made from before
        export.profile = export.proposal.settings
