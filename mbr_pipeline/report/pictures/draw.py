"""Pictures as SVG text that can stand in any page of ours.

What belongs here: from a laid out picture to markup. What does not: where its marks stand (``over_months``,
``mbr_pipeline.report.pictures.charts``).

No script, no style attribute, no reference to anything outside; every text is escaped and its hidden
characters are shown. Colours are classes, which ``pictures.css`` gives a light and a dark colour by the
page's own variables.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from mbr_pipeline.report.pictures import charts, over_months
from mbr_pipeline.report.pictures.charts import Waterfall
from mbr_pipeline.report.pictures.over_months import OverMonths
from mbr_pipeline.report.templating import compile_all, environment


def svg(picture: OverMonths | Waterfall) -> Markup:
    """Return a picture as one ``<svg>`` element, with its title and all values as text for those who cannot
    see it.
    """
    is_waterfall = isinstance(picture, Waterfall)
    template = _templates().get_template("waterfall.svg.j2" if is_waterfall else "over_months.svg.j2")
    drawn = template.module.draw(picture, charts if is_waterfall else over_months)  # type: ignore[attr-defined]
    return Markup(drawn)  # noqa: S704 - the template escaped every text


def style() -> str:
    """Return the style sheet of all pictures; it needs ``--ink``, ``--soft``, ``--line``, ``--ground``,
    ``--up``, ``--down``, ``--stop`` and ``--total`` of the page.
    """
    templates = _templates()
    if templates.loader is None:
        raise RuntimeError("the template environment has no loader")
    source, _, _ = templates.loader.get_source(templates, "pictures.css")
    return source


def warm_up() -> None:
    """Compile the pictures' templates ahead of time."""
    compile_all(_templates(), "svg.j2")


@cache
def _templates() -> Environment:
    return environment()
