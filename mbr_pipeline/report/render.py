"""Rendering the close report as one self-contained HTML page.

What belongs here: what the page's templates are given, and the content security policy. What the page says
is decided in ``page_data``; layout is in ``templates/``, how they are read in ``templating``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
from jinja2 import Environment
from markupsafe import Markup

from mbr_pipeline.report import vocabulary
from mbr_pipeline.report.findings import TOP_CLIENTS
from mbr_pipeline.report.page_data import page_data
from mbr_pipeline.report.pictures import draw
from mbr_pipeline.report.templating import compile_all, environment

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
    templates = _page_environment()
    style = _style(templates)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return templates.get_template("close_report.html.j2").render(
        page=page_data(gate, connection),
        style=Markup(style),  # noqa: S704 - our own style sheet
        style_hash=digest,
    )


def warm_up() -> None:
    """Compile the page's templates ahead of time."""
    compile_all(_page_environment(), "html.j2")
    draw.warm_up()


@cache
def _page_environment() -> Environment:
    found = environment()
    found.globals.update(vocabulary=vocabulary, top_clients=TOP_CLIENTS, printed_rows=_PRINTED_ROWS)
    return found


def _style(templates: Environment) -> str:
    """Return the style sheet as it appears between the tags; the policy allows it by its hash."""
    if templates.loader is None:
        raise RuntimeError("the template environment has no loader")
    source, _, _ = templates.loader.get_source(templates, "close_report.css")
    return source
