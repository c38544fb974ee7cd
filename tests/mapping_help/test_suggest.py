"""Ranking scored candidates: what is offered, the margin, and when nothing is.

Belongs here: ``suggest.answer`` on scores given by hand.
"""

from __future__ import annotations

from mbr_pipeline.mapping_help.suggest import (
    Alias,
    Candidate,
    Scored,
    Unmapped,
    answer,
    best_of,
    means_the_same,
)


def _scored(**scores: float) -> list[Scored]:
    return [
        Scored(Candidate(name, name.upper()), score, f"because of {score}") for name, score in scores.items()
    ]


def test_the_best_three_at_or_above_the_threshold_are_offered_with_the_margin_to_the_next() -> None:
    answered = answer(_scored(a=91, b=97.9, c=90, d=93, e=50), 90, "client")
    assert [(s.id, s.score, s.margin) for s in answered.suggestions] == [
        ("b", 97, 4),
        ("d", 93, 2),
        ("a", 91, 1),
    ]
    assert answered.suggestions[0].because == "because of 97.9"
    assert answered.doubt == ""


def test_equal_scores_stand_in_the_order_of_ids() -> None:
    assert [s.id for s in answer(_scored(c=90, b=90, a=95), 90, "client").suggestions] == ["a", "b", "c"]


def test_the_margin_counts_what_is_not_offered_too() -> None:
    [only] = answer(_scored(a=95, b=80), 90, "client").suggestions
    assert only.margin == 15
    [alone] = answer(_scored(a=95), 90, "client").suggestions
    assert alone.margin == 100


def test_below_the_threshold_nothing_is_offered() -> None:
    assert answer(_scored(a=89.9), 90, "client").suggestions == ()
    assert answer([], 90, "product").doubt == "no product is close enough"


def test_less_than_four_points_ahead_is_no_answer() -> None:
    doubt = answer(_scored(b=98, a=95), 90, "client")
    assert doubt.suggestions == ()
    assert doubt.doubt == "“B” (b) and “A” (a) fit equally well"
    assert len(answer(_scored(b=98, a=94), 90, "client").suggestions) == 2


def test_a_candidate_counts_once_with_its_best_score_and_first_reason() -> None:
    one = Candidate("a", "A")
    found = best_of([Scored(one, 90, "x"), Scored(one, 95, "z"), Scored(one, 95, "y")])
    assert found == [Scored(one, 95, "y")]


def test_an_id_with_other_punctuation_is_the_same_at_another_vendor_and_another_at_its_own() -> None:
    unmapped = Unmapped("pax8", "CFQ7TTC0LCHC:0002")
    assert means_the_same(unmapped, Alias("cfq7ttc0lchc/0002", "", "ingram"))
    assert not means_the_same(unmapped, Alias("cfq7ttc0lchc/0002", "", "pax8"))
    assert means_the_same(unmapped, Alias("CFQ7TTC0LCHC:0002", "", "pax8"))
    assert not means_the_same(Unmapped("pax8", "edr"), Alias("edr", "", "huntress"))
