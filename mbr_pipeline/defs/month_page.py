"""What a partition's page says in Dagster: figures that it plots over the months, and in words what failed
and what to do.

What belongs here: metadata made of ``gate.json``. What does not: the verdict, which is
``mbr_pipeline.audit.gate``'s part, and the close report, which says more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from mbr_pipeline.safe_text import shown

_LISTED = 20
_IN_ONE_LINE = 3


def figures(document: Mapping[str, Any], seconds: float | None) -> dict[str, Any]:
    """Return the numbers that Dagster plots over partitions: counts, coverage in percent, seconds.

    Never money: a plot is floating point. Coverage is a picture here; the exact one is text in gate.json.

    Args:
        document: The content of ``gate.json``.
        seconds: From the start of the run to the gate; None where that is not known.
    """
    found: dict[str, Any] = {
        "failed_controls": dg.MetadataValue.int(len(document["controls"])),
        "failed_expectations": dg.MetadataValue.int(sum(len(s["failed"]) for s in document["suites"])),
        "exceptions": dg.MetadataValue.int(sum(document["exceptions"].values())),
        "held_clients": dg.MetadataValue.int(document["clients"]["hold"]),
        "rejected_rows": dg.MetadataValue.int(document["rejected_count"]),
        "input_files": dg.MetadataValue.int(len(document["inputs"])),
        "input_rows": dg.MetadataValue.int(sum(file["rows"] for file in document["inputs"])),
    }
    for row in document["coverage"]:
        if row["pct"] is not None:
            found[f"coverage_pct_{row['currency']}"] = dg.MetadataValue.float(float(row["pct"]))
    if seconds is not None:
        found["seconds_to_gate"] = dg.MetadataValue.float(round(seconds, 1))
    return found


def in_words(document: Mapping[str, Any]) -> dg.MarkdownMetadataValue:
    """Return what failed and what to do, as Markdown."""
    month = f"{document['msp_id']} {document['period']}"
    if document["gate"] == "passed":
        held = document["clients"]["hold"]
        lines = [f"**{month}: passed.** {held} client{'s are' if held != 1 else ' is'} held."]
    else:
        lines = [f"**{month}: blocked.** Nothing was published; what was published before stays."]
    lines += _listed(
        "Controls that failed", [f"`{c['code']}` {_plain(c['message'])}" for c in document["controls"]]
    )
    lines += _listed(
        "Expectations that did not hold",
        [
            f"`{suite['name']}` {_plain(failure['subject'])}: {_plain(failure['detail'])}"
            for suite in document["suites"]
            for failure in suite["failed"]
        ],
    )
    rejects = document["rejected_rows"]
    lines += _listed(
        f"Rejected rows ({document['rejected_count']})",
        [
            f"{_plain(r['file'])}, line {r['line']}, {_plain(r['column'])}: {_plain(r['reason'])}"
            for r in rejects
        ],
    )
    if document["gate"] != "passed":
        lines += ["", "**Do:** mend what is listed, then materialize this partition again, or type"]
        lines += ["", f"    mbr run --period {document['period']} --msp {document['msp_id']}"]
    return dg.MetadataValue.md("\n".join(lines))


def in_one_line(document: Mapping[str, Any]) -> str:
    """Return why a month is blocked and what to do: the failure of its run."""
    said = [f"{c['code']}: {c['message']}" for c in document["controls"]]
    named = {c["code"] for c in document["controls"]}
    others = ", ".join(reason for reason in document["reasons"] if reason not in named)
    why = f"blocked by {others}" if others else "blocked"
    said = said or [
        f"{suite['name']}: {failure['subject']}: {failure['detail']}"
        for suite in document["suites"]
        for failure in suite["failed"]
    ]
    more = f"; and {len(said) - _IN_ONE_LINE} more, see gate.json" if len(said) > _IN_ONE_LINE else ""
    text = (
        f"{why}: {'; '.join(said[:_IN_ONE_LINE])}{more}. Nothing was published. Mend what is named,"
        f" then re-execute all of this run, or type: mbr run --period {document['period']}"
        f" --msp {document['msp_id']}"
    )
    return shown(" ".join(text.split()))


def _listed(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = [f"- and {len(items) - _LISTED} more: see gate.json"] if len(items) > _LISTED else []
    return ["", f"**{title}**", "", *(f"- {item}" for item in items[:_LISTED]), *more]


def _plain(text: object) -> str:
    """Show what comes from files as it is: no markup, no second line."""
    cleaned = "the whole record" if text is None else shown(" ".join(str(text).split()))
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|!" else c for c in cleaned)
