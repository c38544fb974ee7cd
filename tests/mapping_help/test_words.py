"""How alike two words are, by examples: what is one word written twice, and what are two.

Belongs here: ``words.similarity`` and ``aligned``. Does not: whole names.
"""

from __future__ import annotations

import pytest

from mbr_pipeline.mapping_help.words import (
    BEGINNING,
    ONE_OFF,
    SAME,
    SKELETON,
    TWO_OFF,
    UMLAUT,
    aligned,
    similarity,
)

ALIKE = {
    ("dental", "dental"): SAME,
    ("muller", "mueller"): UMLAUT,
    ("svcs", "services"): UMLAUT,
    ("zentrvoa", "zentrova"): ONE_OFF,
    ("achitects", "architects"): ONE_OFF,
    ("ezntrova", "zentrova"): ONE_OFF,
    ("archtiectural", "architectual"): TWO_OFF,
    ("arch", "architects"): BEGINNING,
    ("assocs", "associates"): BEGINNING,
    ("mfg", "manufacturing"): SKELETON,
    ("dntl", "dental"): SKELETON,
}
DIFFERENT = [
    ("barlow", "marlow"),
    ("lyle", "lyla"),
    ("studio54", "studio55"),
    ("seven11", "seven1"),
    ("100gb", "10gb"),
    ("archtiect", "artchetic"),
    ("co", "contoso"),
    ("dal", "dental"),
    ("x", "y"),
    ("north", "south"),
]


@pytest.mark.parametrize("pair", ALIKE, ids="-".join)
def test_one_word_in_two_spellings(pair: tuple[str, str]) -> None:
    assert similarity(*pair) == ALIKE[pair]


@pytest.mark.parametrize("pair", DIFFERENT, ids="-".join)
def test_two_words_that_only_look_alike(pair: tuple[str, str]) -> None:
    assert similarity(*pair) == 0


def test_words_are_paired_the_most_alike_first_and_each_once() -> None:
    assert aligned(["miller", "miler", "dental"], ["dental", "miller"]) == [(0, 1, SAME), (2, 0, SAME)]
    assert aligned(["miler", "miller"], ["miller"]) == [(1, 0, SAME)]
