"""Opening what is exported: a closed version, or in a dry run what is published.

What belongs here: which version that is, and making a :class:`Content` of it. What does not: whether it is
exported (``command``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from mbr_pipeline.decide.closed import Closing, closing_of
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.errors import ConfigError, GateClosed
from mbr_pipeline.release.exports.content import Content
from mbr_pipeline.release.version import closed_version
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


def newest_closed(entries: Sequence[Entry], month: MonthPaths) -> int:
    """Return the number of a closed month's newest version.

    Raises:
        ConfigError: The month is open.
    """
    closing = closing_of(entries, month.period.text)
    if closing.state == "open":
        named = f"--msp {month.msp_id} --period {month.period.text}"
        what = "was opened again and is not closed" if closing.version else "is not closed"
        raise ConfigError(
            f"{month.msp_id} {month.period.text} {what}: close it by `mbr close {named}`, or look at what"
            " would be exported with --dry-run"
        )
    return closing.version


def would_be(workspace: Workspace, month: MonthPaths, closing: Closing) -> Content:
    """Return the newest version of a closed month; of an open one, what is published would be the next.

    Raises:
        GateClosed: Nothing is published, or the closed version is not what was closed.
    """
    if closing.state != "open":
        return version_content(workspace, month, closing.version)
    published = month.published
    if not (published / "fct_invoice_lines_ready.parquet").exists():
        raise GateClosed(
            f"{month.msp_id} {month.period.text} is not published: run `mbr run --period {month.period.text}"
            f" --msp {month.msp_id}`"
        )

    def read(table: str) -> list[dict[str, Any]]:
        path = published / f"{table}.parquet"
        return rows_of(path) if path.exists() else []

    certificate = {}
    if month.certificate.exists():
        certificate = json.loads(month.certificate.read_text(encoding="utf-8"))
    return Content(workspace, month, closing.version + 1, certificate, None, cache(read))


def version_content(workspace: Workspace, month: MonthPaths, number: int) -> Content:
    """Return a closed version.

    Raises:
        ConfigError: There is no such version.
        GateClosed: What lies in its folder is not what was closed.
    """
    version = closed_version(workspace, month.msp_id, month.period.text, number)
    inputs = {each["file"]: each["sha256"] for each in version.manifest["inputs"]}
    return Content(workspace, month, number, version.manifest["certificate"], inputs, cache(version.rows))
