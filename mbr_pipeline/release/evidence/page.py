"""The page ``README.html`` of a pack: for an auditor who never saw MBR, one file that loads and runs nothing.

What belongs here: what the page is told. What does not: its words (``templates/``). Everything from outside
is escaped, and hidden characters are made visible.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.exception_codes import exception_codes
from mbr_pipeline.release.evidence.inputs import Input
from mbr_pipeline.release.version import ClosedVersion
from mbr_pipeline.safe_text import visible
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.workspace import Workspace

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

LISTED = 300
"""Rows of a list that are on the page; the page names the file that has all of them."""

DIRECTIONS = {
    "client_recoverable": "to charge clients",
    "client_refund": "to refund clients",
    "vendor_claim": "to claim from vendors",
    "vendor_liability": "owed to vendors",
    "stranded": "paid for nothing",
}
"""The five impacts of an exception, in words."""


def render(
    workspace: Workspace,
    closed: ClosedVersion,
    entries: Sequence[Entry],
    rows: Rows,
    suites: Sequence[Mapping[str, Any]],
    inputs: Sequence[Input],
    names: Sequence[str],
) -> str:
    """Return the page of a pack. The same arguments give the same text."""
    environment = _environment()
    style = _source(environment, "readme.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    month = closed.month
    return environment.get_template("readme.html.j2").render(
        style=Markup(style),  # noqa: S704 - our own style sheet
        style_hash=digest,
        msp_name=workspace.msp(month.msp_id).name,
        msp_id=month.msp_id,
        period=month.period.text,
        version=closed.number,
        close=closed.entry,
        publication=closed.entry.body.get("publication"),
        totals=[
            (currency, Decimal(amount))
            for currency, amount in (closed.entry.body.get("totals") or {}).items()
        ],
        excepted=list(closed.entry.body.get("except") or []),
        clients=rows.get("fct_client_gate", ()),
        verdicts=_verdicts(rows.get("fct_client_gate", ())),
        codes=_by_code(rows.get("fct_exceptions", ())),
        exceptions=rows.get("fct_exceptions", ()),
        statuses=Counter(row["status"] for row in rows.get("fct_exceptions", ())),
        decisions=rows.get("fct_decisions", ()),
        bridge=rows.get("fct_variance_bridge", ()),
        controls=rows.get("fct_control_totals", ()),
        ready=len(rows.get("fct_invoice_lines_ready", ())),
        suites=suites,
        inputs=inputs,
        exports=sorted({name.split("/")[1] for name in names if name.startswith("exports/")}),
        entries=[entry for entry in entries if entry.period == month.period.text],
        all_entries=len(entries),
        head=entries[-1],
        names=names,
    )


def _verdicts(rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count clients by verdict; one with several currencies by the strictest of them."""
    strictest: dict[str, str] = {}
    for verdict in ("PASS", "PASS_WITH_WAIVER", "HOLD"):
        strictest |= {row["client_id"]: verdict for row in rows if row["verdict"] == verdict}
    return Counter(strictest.values())


def _by_code(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    money: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["exception_code"]] += 1
        for direction in DIRECTIONS:
            if row[direction]:
                money[row["exception_code"]][row["currency"] or "", direction] += row[direction]
    known = exception_codes()
    return [
        {
            "code": code,
            "meaning": known[code].meaning if code in known else "",
            "count": counts[code],
            "money": [(amount, *key) for key, amount in sorted(money[code].items())],
        }
        for code in sorted(counts, key=lambda code: known[code].order if code in known else len(known))
    ]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mbr_pipeline.release.evidence"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(money=_money)
    environment.globals.update(listed=LISTED, directions=DIRECTIONS)
    return environment


def _source(environment: Environment, name: str) -> str:
    if environment.loader is None:
        raise RuntimeError("the template environment has no loader")
    return environment.loader.get_source(environment, name)[0]


def _shown(value: Any) -> Any:
    """Clean every text on its way to the page, so that no template can forget it."""
    if value is None:
        return "—"
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _money(amount: Decimal | None, currency: str | None) -> str:
    """Write an amount with its currency's places, or more where it has more: never rounded."""
    if amount is None:
        return "—"
    places = minor_units().get(currency or "", 2)
    exponent = amount.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and amount else 0
    return f"{amount:,.{max(places, digits)}f}"
