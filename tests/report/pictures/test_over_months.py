"""Pictures over months: marks against the values they stand for, and hostile text in every place.

Belongs here: geometry and markup of lines and columns. Does not: waterfalls of the close report
(``test_close_report_waterfall``).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from mbr_pipeline.report.bridge import Step
from mbr_pipeline.report.pictures.charts import steps_chart
from mbr_pipeline.report.pictures.draw import style, svg
from mbr_pipeline.report.pictures.over_months import Series, columns, lines

PERIODS = ["2026-03", "2026-04", "2026-05"]
HOSTILE = "<script>alert(1)</script>\"'&\u202e</svg><a xlink:href=javascript:x onload=1>"


def series(name: str, *values: str | None) -> Series:
    return Series(name, tuple(None if value is None else Decimal(value) for value in values))


def plain(value: Decimal) -> str:
    return f"{value:f}"


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)


def test_points_stand_where_their_values_do_and_a_gap_is_no_zero() -> None:
    found = lines("m", "Margin", PERIODS, [series("A", "0", "100", "-100")], plain)
    # the axis goes from -100 to 100 in five steps, 240 units from 252 up to 12
    assert [(step.text, step.y) for step in found.steps] == [
        ("-100", "252.00"), ("-50", "192.00"), ("0", "132.00"), ("50", "72.00"), ("100", "12.00"),
    ]  # fmt: skip
    # three months of 260 units from 110 on: their middles are 240, 500, 760
    assert [line.points for line in found.lines] == ["240.00,132.00 500.00,12.00 760.00,252.00"]
    assert (found.zero, found.dots[1].text) == ("132.00", "A, 2026-04: 100")
    gap = lines("m", "Margin", PERIODS, [series("A", "10", None, "10"), series("B", "1", "2", None)], plain)
    assert [(line.series, line.points.count(",")) for line in gap.lines] == [(2, 2)]
    assert [dot.series for dot in gap.dots] == [1, 1, 2, 2]


def test_columns_begin_at_zero_and_stand_beside_each_other() -> None:
    found = columns(
        "l", "Leakage", PERIODS, [series("A", "50", "-25", None), series("B", "0", "1", "100")], plain
    )
    # steps of 50 from -50 to 100: 240 units are 150, so 1.6 a unit; zero at 172; columns are 0.35 of 260 wide
    assert (found.zero, found.columns[0].width) == ("172.00", "91.00")
    assert [(m.x, m.y, m.height) for m in found.columns] == [
        ("149.00", "92.00", "80.00"),
        ("409.00", "172.00", "40.00"),
        ("240.00", "172.00", "0.00"),
        ("500.00", "170.40", "1.60"),
        ("760.00", "12.00", "160.00"),
    ]


def test_values_of_any_size_and_none_at_all_have_an_axis() -> None:
    for value in ("0.01", "7", "999999999999.99", "-0.0001"):
        steps = lines("m", "M", PERIODS[:1], [series("A", value)], plain).steps
        assert 2 <= len(steps) <= 6
        assert (
            Decimal(steps[0].text)
            <= min(Decimal(value), 0)
            <= max(Decimal(value), 0)
            <= Decimal(steps[-1].text)
        )
    nothing = lines("m", "M", PERIODS, [series("A", None, None, None)], plain)
    assert (nothing.summary, nothing.lines, nothing.dots) == ("nothing to show", (), ())
    assert parsed(svg(lines("m", "M", [], [], plain))).get("role") == "img"


def test_more_series_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="7 series: a picture can show 6"):
        lines("m", "M", PERIODS[:1], [series(str(n), "1") for n in range(7)], plain)
    with pytest.raises(ValueError, match="not one value for each month"):
        columns("m", "M", PERIODS, [series("A", "1")], plain)


@pytest.mark.parametrize("kind", ["lines", "columns", "steps"])
def test_hostile_text_stays_text_in_every_place(kind: str) -> None:
    if kind == "steps":
        ends = (HOSTILE, Decimal(1)), (HOSTILE, Decimal(2))
        picture = svg(steps_chart("w", HOSTILE, HOSTILE, ends, [Step(HOSTILE, Decimal(1), "up")]))
    else:
        draw = lines if kind == "lines" else columns
        picture = svg(draw("m", HOSTILE, [HOSTILE], [series(HOSTILE, "1")], lambda value: HOSTILE))
    root = parsed(picture)
    names = {element.tag for element in root.iter()}
    assert names <= {"svg", "title", "desc", "line", "text", "rect", "polyline", "circle", "path"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name or name == "style"}
    assert "\u202e" not in picture
    assert "<script" not in picture
    assert "⟨U+202E⟩" in picture
    assert any("<script>" in (element.text or "") for element in root.iter("title"))


def test_every_class_of_a_series_has_a_light_and_a_dark_colour_and_nothing_is_loaded() -> None:
    text = style()
    for number in range(1, 7):
        assert text.count(f"--series-{number}: #") == 3  # light, dark, print
        assert f".column.series-{number}," in text
    assert "url(" not in text
    assert "@import" not in text
