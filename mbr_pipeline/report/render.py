"""Rendering the close report as one self-contained HTML page.

What belongs here: the template environment, its filters and the content security policy. What the page says
is decided in ``page_data``; layout is in ``templates/``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mbr_pipeline.report import charts, vocabulary
from mbr_pipeline.report.findings import TOP_CLIENTS
from mbr_pipeline.report.page_data import page_data
from mbr_pipeline.report.text import amount_text, count_text, percent_text, plural, records_apart
from mbr_pipeline.safe_text import short, visible

_PRINTED_ROWS = 40  # of each list of exceptions; the rest is on the screen only, and the page says so


def render_close_report(gate: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> str:
    """Render the close report of one MSP and period.

    The same arguments give the same text. Everything from outside is escaped, hidden characters are made
    visible, and the page forbids itself to load or run anything.

    Args:
        gate: The content of gate.json (contract §2, §6), decimals as text.
        connection: Where schema ``main`` has the tables, by their contract §6 name; a blocked run may lack
            some.

    Returns:
        An HTML document, to be written as UTF-8.

    Raises:
        ValueError: The gate is neither ``passed`` nor ``blocked``.
        KeyError: A table with rows lacks a column of contract §6.
        TypeError: A money column is floating point.
    """
    environment = _environment()
    style = _style(environment)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return environment.get_template("close_report.html.j2").render(
        page=page_data(gate, connection),
        style=Markup(style),  # noqa: S704 - our own style sheet
        style_hash=digest,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mbr_pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=amount_text, count=count_text, percent=percent_text, plural=plural, short=short
    )
    environment.filters["records_apart"] = records_apart
    environment.globals.update(vocabulary=vocabulary, geometry=charts)
    environment.globals.update(top_clients=TOP_CLIENTS, printed_rows=_PRINTED_ROWS)
    return environment


def _shown(value: Any) -> Any:
    """Clean every text on its way to the page, so that no template can forget it."""
    if value is None:
        return "—"
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _style(environment: Environment) -> str:
    """Return the style sheet as it appears between the tags; the policy allows it by its hash."""
    if environment.loader is None:
        raise RuntimeError("the template environment has no loader")
    source, _, _ = environment.loader.get_source(environment, "close_report.css")
    return source
