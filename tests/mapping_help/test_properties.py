"""What must hold for any names: folding twice is folding once, words are as alike one way as the other, and
order decides nothing.

Belongs here: properties of the pure parts, over texts that no example thinks of. Does not: whether an answer
is right.
"""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mbr_pipeline.mapping_help.company_names import normalise, readings
from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.match_products import Products
from mbr_pipeline.mapping_help.product_names import read, read_term
from mbr_pipeline.mapping_help.suggest import Alias, Candidate, Unmapped, answer
from mbr_pipeline.mapping_help.text_folding import fold
from mbr_pipeline.mapping_help.words import aligned, similarity

_PIECES = st.sampled_from(
    [
        "Ltd",
        "gmbh",
        "& Co.",
        "The",
        "and",
        "S.A.",
        "r.l.",
        "sp. z o.o.",
        "(East)",
        "t/a",
        "Miller",
        "Müller",
        "one",
        "II",
        "2",
        " - ",
        ",",
        "365",
        "P1",
        "100 GB",
        "annual",
        "Plan 1",
        "Ã¼",
        "ß",
        "İ",
        "ﬁ",
        "①",
        "\x00",
        "\u202e",
        "&amp;",
        "e.K.",
        "Gesellschaft mbH",
        "haftungsbeschränkt",
    ]
)
NAMES = st.one_of(
    st.text(max_size=40),
    st.lists(_PIECES, max_size=7).map(" ".join),
    st.lists(_PIECES, max_size=5).map("".join),
)
WORDS = st.text("abcdehmnrstuy1", min_size=1, max_size=10)


@settings(deadline=None)
@given(NAMES)
def test_a_normalised_name_is_not_changed_by_normalising_it_again(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


@settings(deadline=None)
@given(NAMES)
def test_folded_text_is_not_changed_by_folding_it_again(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@settings(deadline=None)
@given(NAMES)
def test_case_and_surrounding_blanks_do_not_change_a_name(name: str) -> None:
    assert normalise(f"  {name.casefold()} ") == normalise(name.casefold())
    assert read(f"  {name} ") == read(name)


@settings(deadline=None)
@given(NAMES)
def test_any_text_can_be_read_as_a_name_a_product_and_a_term(name: str) -> None:
    assert all(reading.words for reading in readings(name))
    assert read_term(read_term(name)) == read_term(name)
    read(name, name)


@settings(deadline=None)
@given(WORDS, WORDS)
def test_two_words_are_as_alike_one_way_as_the_other(first: str, second: str) -> None:
    assert similarity(first, second) == similarity(second, first)
    assert 0 <= similarity(first, second) <= 1
    assert (similarity(first, second) == 1) == (first == second)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6))
def test_every_word_has_at_most_one_partner(mine: list[str], theirs: list[str]) -> None:
    pairs = aligned(mine, theirs)
    assert len({first for first, _, _ in pairs}) == len({second for _, second, _ in pairs}) == len(pairs)
    assert pairs == sorted(pairs)


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=12), st.lists(NAMES, max_size=3), st.integers(0, 2**32))
def test_the_order_of_candidates_names_and_aliases_changes_nothing(
    candidates: list[str], asked: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    aliases = [Alias(name, f"because {name}") for name in candidates]
    listed = [
        Candidate(f"{at}", name, names=tuple(aliases[at : at + 2])) for at, name in enumerate(candidates)
    ]
    turned = [
        Candidate(one.id, one.name, names=tuple(reversed(one.names)))
        for one in chance.sample(listed, len(listed))
    ]
    names = tuple(asked)
    for kind in (Clients, Products):
        before = answer(kind(listed).score(Unmapped("s", "x", names)), 30, "client")
        after = answer(kind(turned).score(Unmapped("s", "x", names[::-1])), 30, "client")
        assert before == after


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=8), NAMES)
def test_what_is_suggested_is_at_or_above_the_threshold_and_in_order(
    candidates: list[str], asked: str
) -> None:
    clients = Clients(Candidate(f"{at}", name) for at, name in enumerate(candidates))
    scored = clients.score(Unmapped("s", "x", (asked,)))
    for threshold in (30, 90):
        answered = answer(scored, threshold, "client")
        scores = [s.score for s in answered.suggestions]
        assert scores == sorted(scores, reverse=True)
        assert all(threshold <= score <= 100 for score in scores)
        assert len(scores) <= 3
        assert bool(scores) != bool(answered.doubt)
        assert not scores or answered.suggestions[0].margin >= 4
