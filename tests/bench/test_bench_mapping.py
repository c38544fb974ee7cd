"""Checks that the measurement of mapping suggestions measures what it says.

Belongs here: the labelled samples, their independence of what is measured, and how answers are counted. Does
not: what the figures are (docs/reference/mapping.md runs and shows them).
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from bench.mapping import companies, products
from bench.mapping.companies import client_list, half
from bench.mapping.measure import (
    ABSENT,
    CUSTOMERS,
    SEEDS,
    SKUS,
    STRANGER,
    Figures,
    Outcome,
    Question,
    figures,
    outcomes,
    reliability,
)
from bench.mapping.noise import corrupted
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD, Answer, Suggestion
from tests.layout.test_import_direction import _imported

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def asked() -> list[Outcome]:
    return outcomes("test", DEFAULT_THRESHOLD)


def test_there_are_enough_questions_and_enough_of_them_have_no_answer(asked: list[Outcome]) -> None:
    assert len(asked) >= 5000
    for kind in (CUSTOMERS, SKUS):
        mine = [o.question for o in asked if o.question.kind == kind]
        assert len(mine) >= 2000
        assert sum(q.truth is None for q in mine) >= 0.1 * len(mine)
        assert {q.sort for q in mine if q.truth is None} == {ABSENT, STRANGER}


def test_suggestions_are_right_as_often_as_a_clerk_can_rely_on(asked: list[Outcome]) -> None:
    for kind in (CUSTOMERS, SKUS):
        assert figures(o for o in asked if o.question.kind == kind).precision >= 0.98


def test_names_and_noise_know_nothing_of_how_names_are_compared() -> None:
    for name in ("companies", "products", "noise"):
        source = (ROOT / f"bench/mapping/{name}.py").read_text(encoding="utf-8")
        assert {
            module
            for module in _imported(source, f"bench/mapping/{name}.py")
            if module.startswith("mbr_pipeline")
        } == set()


def test_the_two_parts_share_no_seed_and_hardly_a_word() -> None:
    (dev, first), (test, second) = SEEDS["dev"], SEEDS["test"]
    assert dev != test
    assert {first, second} == {0, 1}
    for words in (
        companies.SURNAMES,
        companies.NATURE,
        companies.COINED,
        companies.INDUSTRIES,
        companies.CITIES,
        products._FAMILIES,
    ):
        assert not set(half(words, 0)) & set(half(words, 1))


def test_a_sample_is_the_same_every_time() -> None:
    first, again = (client_list(random.Random(5), 0, 60) for _ in range(2))
    assert first == again
    assert first != client_list(random.Random(6), 0, 60)
    spelled = [corrupted(company.name, random.Random(7), 0) for company in first]
    assert spelled == [corrupted(company.name, random.Random(7), 0) for company in again]


def test_most_names_are_corrupted_and_it_is_said_how() -> None:
    chance = random.Random(1)
    seen: Counter[str] = Counter()
    for company in client_list(chance, 1, 100) * 40:
        said, noise = corrupted(company.name, chance, 1)
        assert noise or said == company.name
        seen.update(noise or ("nothing",))
    assert len(seen) == 22  # every kind of noise, and nothing
    assert seen["nothing"] < 0.4 * seen.total()


def test_siblings_stand_in_the_list_as_families() -> None:
    listed = client_list(random.Random(2), 0, 400)
    families = Counter(company.family for company in listed if company.family)
    assert families
    assert all(count >= 2 for count in families.values())
    assert len({company.name for company in listed}) == len(listed)


def _outcome(truth: str | None, suggested: str | None, top: str | None, score: int) -> Outcome:
    answer = Answer((Suggestion(suggested, "", score, 9, ""),)) if suggested else Answer(doubt="x")
    return Outcome(Question(CUSTOMERS, "", "", truth, ()), answer, top, score)


OUTCOMES = [
    _outcome("A", "A", "A", 99),  # right
    _outcome("A", "B", "B", 95),  # wrong
    _outcome("A", None, "A", 80),  # missed
    _outcome(None, "C", "C", 98),  # wrong: there is none
    _outcome(None, None, None, 0),  # right to say nothing
]


def test_precision_counts_suggestions_and_recall_what_is_there() -> None:
    counted = figures(OUTCOMES)
    assert counted == Figures(questions=5, with_truth=3, suggested=3, right=1)
    assert (counted.precision, counted.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert counted.f1 == pytest.approx(1 / 3)
    # Wilson for 1 of 3 by hand: (1/3 + 3.8416/6 - 1.96 * sqrt(0.07407 + 0.10671)) / (1 + 3.8416/3) = (0.9736
    # - 0.8334) / 2.2805
    assert counted.doubtful_precision == pytest.approx(0.0615, abs=0.0001)


def test_a_band_counts_the_best_candidate_whether_it_was_suggested_or_not() -> None:
    bands = {(low, high): (count, right) for low, high, count, right in reliability(OUTCOMES)}
    assert bands[98, 100] == (2, 1)
    assert bands[95, 97] == (1, 0)
    assert bands[80, 89] == (1, 1)
    assert sum(count for count, _ in bands.values()) == 4
