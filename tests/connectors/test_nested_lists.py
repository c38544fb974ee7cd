"""Lists inside native records are records of their own, or a rejected row."""

from __future__ import annotations

import pytest

from connectors.mapping import MappingError, Native
from connectors.nested_lists import object_in, objects


def inside(text: str | None) -> list[dict[str, str]]:
    fields = {} if text is None else {"list": text}
    return [dict(each.fields) for each in objects(Native(fields, {}), "list", str.lower)]


def test_objects_are_flat_records_whose_numbers_keep_their_digits() -> None:
    text = (
        '[{"Id": 7, "Total": 0.10, "Of": {"Day": "2026-10-01", "Deep": {"X": true}}, "None": null, "More":'
        " [1]}, {}]"
    )
    assert inside(text) == [
        {"id": "7", "total": "0.10", "of.day": "2026-10-01", "of.deep.x": "true", "more": '["1"]'},
        {},
    ]


def test_a_list_that_is_missing_or_empty_holds_nothing() -> None:
    assert (inside(None), inside("[]")) == ([], [])


def test_each_record_knows_the_settings_of_the_one_that_it_stands_in() -> None:
    (record,) = objects(Native({"list": '[{"a": 1}]'}, {"dated": "same_month"}), "list")
    assert record.settings == {"dated": "same_month"}


@pytest.mark.parametrize(
    "text", ["{}", "7", '["G1"]', "[{}, null]", "no JSON", "[" * 100_000, '{"a":' * 100_000]
)
def test_anything_else_is_a_rejected_row_that_names_the_field(text: str) -> None:
    with pytest.raises(MappingError, match="is no list of objects; fetch again") as caught:
        inside(text)
    assert caught.value.column == "list"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"of.a": "0.10", "of.b.c": "x", "often": "1"}, {"of.a": "0.10", "of.b.c": "x"}),
        ({"of": '{"a": 0.10, "b": {"c": "x"}, "none": null}'}, {"of.a": "0.10", "of.b.c": "x"}),
        ({"of": "{}"}, {}),
        ({"other": "1"}, {}),
    ],
)
def test_an_object_says_the_same_as_an_object_and_as_its_text(
    fields: dict[str, str], found: dict[str, str]
) -> None:
    assert object_in(Native(fields, {}), "of") == found


@pytest.mark.parametrize("text", ["[]", "7", "null", "no JSON", '{"a":' * 100_000])
def test_what_is_no_object_is_a_rejected_row_that_names_the_field(text: str) -> None:
    with pytest.raises(MappingError, match="is neither an object nor the text of one") as caught:
        object_in(Native({"of": text}, {}), "of")
    assert (caught.value.column, caught.value.value) == ("of", text)
