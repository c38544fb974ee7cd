"""The templates as the report and its pictures read them: what escapes, what a missing value does.

What belongs here: the template environment and its filters. What does not: what a template is given
(``render``, ``pictures.draw``).
"""

from __future__ import annotations

from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from connectors.counted import plural
from mbr_pipeline.report.pictures import charts
from mbr_pipeline.report.text import amount_text, count_text, percent_text, records_apart
from mbr_pipeline.safe_text import short, visible


def environment(loader: BaseLoader | None = None) -> Environment:
    """Return a template environment in which every text is escaped and its hidden characters shown; without a
    loader that of the report's own templates.
    """
    found = Environment(
        loader=loader or PackageLoader("mbr_pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        money=amount_text,
        count=count_text,
        percent=percent_text,
        plural=plural,
        short=short,
        records_apart=records_apart,
    )
    found.globals.update(geometry=charts)
    return found


def compile_all(templates: Environment, ending: str) -> None:
    """Compile the templates whose names end so ahead of time; one whose file changes is compiled again."""
    for name in templates.list_templates():
        if name.endswith(ending):
            templates.get_template(name)


def _shown(value: Any) -> Any:
    """Clean every text on its way to the page, so that no template can forget it."""
    if value is None:
        return "—"
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
