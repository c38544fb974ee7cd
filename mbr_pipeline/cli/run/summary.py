"""What `mbr run` prints at the end: one block per MSP, money first, and where to look next.

What belongs here: words and layout for a terminal. Text from outside is printed as plain text: no markup
is interpreted and control characters are shown, not obeyed.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from connectors.counted import plural
from mbr_pipeline.cli.run.outcome import STALE, Outcome
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import shown
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

_DIRECTIONS = {
    "client_recoverable": "bill clients",
    "client_refund": "refund clients",
    "vendor_claim": "claim from vendors",
    "vendor_liability": "under-billed by vendors",
    "stranded": "unused licences",
}


def print_summary(workspace: WorkspacePaths, period: Period, outcomes: Sequence[Outcome]) -> None:
    """Print the result of every MSP that has one, then where the report, the UI and SQL are."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for outcome in outcomes:
        if outcome.document:
            month = workspace.month(outcome.document["msp_id"], period)
            _print_msp(console, outcome.document, month)
            page = month.report / "index.html"
            console.print(Text(f"  report: {'not written, see the error above' if outcome.failed else page}"))
    console.print()
    # the name the command was called by: a fresh checkout has .venv/bin/mbr, but no mbr on the path
    mbr = shlex.quote(sys.argv[0]) if os.sep in sys.argv[0] else "mbr"
    place = shlex.quote(str(workspace.root))
    console.print(Text(f"UI:     {mbr} ui --workspace {place}   then http://127.0.0.1:3000"))
    console.print(Text(f'SQL:    {mbr} sql "select * from fct_exceptions" --workspace {place}'))


def _print_msp(console: Console, document: Mapping[str, Any], month: MonthPaths) -> None:
    passed, is_stale = document["gate"] == "passed", document["gate"] == STALE
    clients = document["clients"]
    console.print()
    stands = "the earlier publication stands" if month.published.exists() else "nothing is published"
    why = "NOT PUBLISHED" if is_stale else f"BLOCKED by {', '.join(document['reasons'])}"
    verdict = "published" if passed else f"{why}: {stands}"
    console.print(
        _text(f"{document['msp_name']} ({document['msp_id']}), {document['period']}: ", "bold"), end=""
    )
    console.print(Text(verdict, "bold green" if passed else "bold red"))
    coverage = (
        ", ".join(f"{c['pct'] or 'none'} % of {c['currency']}" for c in document["coverage"])
        or "not evaluated"
    )
    console.print(
        Text(
            f"  clients: {clients['pass']} pass, {clients['pass_with_waiver']} with waiver, {clients['hold']}"
            f" on hold   residual: {document['residual']}   coverage: {coverage}"
        )
    )
    for control in document["controls"][:5]:
        console.print(
            _text(
                f"  {control['code']}: {control['source'] or ''} {control['scope'] or ''}:"
                f" {control['message']}",
                "red",
            )
        )
    if len(document["controls"]) > 5:
        console.print(Text(f"  … and {len(document['controls']) - 5} more, all in gate.json", "red"))
    for reject in document["rejected_rows"][:5]:
        where = f"{reject['file']}, line {reject['line']}, {reject['column'] or 'record'}"
        console.print(_text(f"  rejected: {where}: {reject['value'] or ''}: {reject['reason']}", "red"))
    if document["rejected_count"] > 5:
        console.print(
            Text(
                f"  {plural(document['rejected_count'], 'row is', 'rows are')} rejected in all, see"
                " rejected.csv beside the report",
                "red",
            )
        )
    _print_findings(console, document)
    if document["warnings"]:
        console.print(Text(f"  {plural(len(document['warnings']), 'warning')}, see gate.json", "yellow"))


def _print_findings(console: Console, document: Mapping[str, Any]) -> None:
    if not document["exceptions"]:
        console.print(Text("  no exceptions"))
        return
    counts = ", ".join(
        f"{count} {code}"
        for code, count in sorted(document["exceptions"].items(), key=lambda item: (-item[1], item[0]))
    )
    console.print(Text(f"  exceptions: {counts}"))
    coverage = {c["currency"]: f"coverage {c['pct']} %" for c in document["coverage"] if c["pct"]}
    for money in document["money"]:
        directions = ", ".join(f"{title} {money[column]}" for column, title in _DIRECTIONS.items())
        # a total over half of the charges is half a total: coverage is shown next to each one
        known = coverage.get(
            money["currency"],
            "no vendor charges to cover" if document["coverage"] else "coverage not evaluated",
        )
        console.print(Text(f"  at stake in {money['currency']} ({known}): {directions}"))


def _text(text: str, style: str) -> Text:
    """Text from outside: control characters are shown as such."""
    return Text(shown(text), style)
