"""The landed records that tables of a closed month lead to: dates of client invoices, lines of vendor bills.

What belongs here: reading the month's own landed files again, as far as they are those that the version was
made from. What does not: reading a file (``mbr_pipeline.ingest``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow.parquet as pq

from mbr_pipeline.errors import GateClosed
from mbr_pipeline.ingest.landing import LandedFile, scan
from mbr_pipeline.ingest.parse import parse
from mbr_pipeline.release.exports.content import Content, Row

Id = tuple[str, str, str]
"""Source, invoice and line."""

_LINE = {"vendor_charges": ("vendor", "line_id"), "invoice_lines": ("invoice", "invoice_line_id")}


def landed_lines(content: Content, dataset: str, columns: Sequence[str]) -> dict[Id, Row]:
    """Return the records of the month's own lines by their ids; ``record_id`` says where each was landed.

    Args:
        content: The month.
        dataset: ``vendor_charges`` or ``invoice_lines``.
        columns: The columns wanted beside the ids.

    Raises:
        GateClosed: A landed file is not as it was when the month was closed.
    """
    leg, line = _LINE[dataset]
    lines = {
        (row["source"], row["invoice_id"], row["line_id"])
        for row in content.read("fct_line_dispositions")
        if row["leg"] == leg
    }
    found: dict[Id, Row] = {}
    if not lines:
        return found
    paths = content.workspace.paths
    for file in _files(content, dataset):
        typed = parse(file, paths.parsed, paths.temporary)
        if typed.is_drifted:
            continue
        wanted = ["invoice_id", line, "record_line", *columns]
        for row in pq.read_table(typed.rows_path, columns=wanted).to_pylist():
            key = (file.source, row["invoice_id"], row[line])
            if key in lines and key not in found:
                found[key] = {**row, "record_id": f"{file.name}:{row['record_line']}"}
    if missing := sorted(lines - found.keys()):
        source, invoice, number = missing[0]
        raise _changed(content, f"line {number} of invoice {invoice} is no longer in the files of {source}")
    return found


def _files(content: Content, dataset: str) -> Iterator[LandedFile]:
    workspace, month = content.workspace, content.month
    landing = scan(workspace.paths, month.msp_id, workspace.msp(month.msp_id), month.period)
    for file in (*landing.current, *(each.file for each in landing.superseded)):
        if file.dataset != dataset:
            continue
        if content.inputs is not None:
            name = file.path.relative_to(workspace.paths.root).as_posix()
            known = content.inputs.get(name)
            if known is None:
                continue  # landed after the close
            if known != file.sha256:
                raise _changed(content, f"{name} was changed")
        yield file


def _changed(content: Content, what: str) -> GateClosed:
    month = content.month
    return GateClosed(
        f"{month.msp_id} {month.period.text}: {what} since version {content.number} was closed: put back the"
        " file that was landed (`mbr verify` names what was changed), then repeat"
    )
