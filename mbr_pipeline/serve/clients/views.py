"""All clients of a month, and one of them: its bridge as a picture and as a table, findings, ready lines.

What belongs here: choosing what is shown. What does not: the figures.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
from starlette.responses import Response

from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.explain import explain_client
from mbr_pipeline.explain.bridge import picture_of, signed_money
from mbr_pipeline.explain.exact import as_decimal, plain
from mbr_pipeline.release.status import tables_folder
from mbr_pipeline.report.clients import ClientList, client_list
from mbr_pipeline.report.marts import marts_in
from mbr_pipeline.report.pictures import charts
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import page, wrong
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.serve.pages import ROWS, Pages, asked_number
from mbr_pipeline.serve.routes import shows
from mbr_pipeline.storage.parquet import rows_of

VERDICTS = {"HOLD": "on hold", "PASS_WITH_WAIVER": "pass, waived", "PASS": "pass"}
_LONGEST_SEARCH = 200
_READY = (
    "invoice_id", "invoice_line_id", "product_code", "quantity", "unit_price", "amount", "currency",
    "service_period_start", "service_period_end", "change", "description",
)  # fmt: skip


def _clients(ask: Ask) -> Response:
    verdict = ask.query.get("verdict", "")
    text = ask.query.get("q", "").strip()[:_LONGEST_SEARCH]
    folder = tables_folder(ask.month, closing(ask.month))
    is_blocked = (gate_of(ask.month) or {}).get("gate") == "blocked"
    found: ClientList | None = None
    pages = Pages.of(ask, 0)
    if folder is not None:
        with marts_in(folder, ask.workspace.paths.temporary, passed=not is_blocked) as marts:
            chosen = verdict if verdict in VERDICTS else None
            found = client_list(marts, ROWS, (asked_number(ask) - 1) * ROWS, chosen, text)
            if found is not None:
                pages = Pages.of(ask, found.chosen)
    return page(
        ask,
        "clients/clients.html.j2",
        section="clients",
        found=found,
        is_blocked=is_blocked,
        pages=pages,
        verdict=verdict,
        text=text,
        verdicts=VERDICTS,
    )


def _client(ask: Ask) -> Response:
    month = ask.month
    try:
        bridge = explain_client(ask.workspace.paths, ask.path("client_id"), month.period.text, month.msp_id)
    except ConfigError as error:
        return wrong(ask, one_line(error), 404)
    pictures = [charts.waterfall(picture_of(each), place) for place, each in enumerate(bridge.bridges, 1)]
    lines = _ready_lines(ask, bridge.client_id) if bridge.blocked_by is None else []
    pages = Pages.of(ask, len(lines))
    return page(
        ask,
        "clients/client.html.j2",
        section="clients",
        client=bridge,
        pictures=dict(zip((each.currency for each in bridge.bridges), pictures, strict=True)),
        geometry=charts,
        signed=signed_money,
        exact=as_decimal,
        plain=plain,
        verdicts=VERDICTS,
        lines=lines[pages.start : pages.end],
        pages=pages,
    )


def _ready_lines(ask: Ask, client_id: str) -> list[dict[str, Any]]:
    """Return the client's published ready lines in their order."""
    table = ask.month.published / "fct_invoice_lines_ready.parquet"
    if not table.exists():
        return []
    return rows_of(table, columns=list(_READY), filters=pc.field("client_id") == client_id)


ROUTES = (
    shows("/m/{msp}/{period}/clients", _clients),
    shows("/m/{msp}/{period}/clients/{client_id:path}", _client),
)
