"""Asks for suggestions about every labelled name and counts the results.

What belongs here: making the questions of a part, asking them as the command does, and counting. What does
not: names (``companies``, ``products``, ``noise``).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.mapping.companies import client_list
from bench.mapping.noise import corrupted
from bench.mapping.products import billed_as, product_list, siblings
from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.match_products import Products
from mbr_pipeline.mapping_help.suggest import Answer, Candidate, Scored, Unmapped, answer

SEEDS = {"dev": (20261, 0), "test": (91177, 1)}
"""Seed and half of the word lists of each part."""

CUSTOMERS, SKUS = "customer", "SKU"
ORDINARY, SIBLING, ABSENT, STRANGER = (
    "no sibling",
    "siblings beside it",
    "only siblings there",
    "nothing like it there",
)
SORTS = (ORDINARY, SIBLING, ABSENT, STRANGER)
PROVIDERS = 50


@dataclass(frozen=True)
class Question:
    """One labelled pair: what the vendor says, and the candidate it is, or None where the right answer is
    that there is none.

    ``sort`` says how hard it is: siblings have names that are easily taken for each other.
    """

    kind: str
    sort: str
    said: str
    truth: str | None
    noise: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """A question, what the command answers, and the best candidate with its score, whatever the threshold."""

    question: Question
    answer: Answer
    top: str | None
    score: int

    @property
    def suggested(self) -> str | None:
        """The suggestion that the command prints a line to accept for."""
        return self.answer.suggestions[0].id if self.answer.suggestions else None

    @property
    def is_right(self) -> bool:
        """Whether something was suggested and it is the truth."""
        return self.suggested is not None and self.suggested == self.question.truth


def outcomes(part: str, threshold: int) -> list[Outcome]:
    """Ask all questions of a part."""
    seed, half = SEEDS[part]
    chance = random.Random(seed)
    return [
        outcome
        for _ in range(PROVIDERS)
        for outcome in (*_customers(chance, half, threshold), *_skus(chance, half, threshold))
    ]


def _customers(chance: random.Random, half: int, threshold: int) -> Iterator[Outcome]:
    companies = client_list(chance, half, chance.randint(40, 130))
    ids = {company.name: f"C{1000 + at}" for at, company in enumerate(companies)}
    families = [company for company in companies if company.family]
    away = set(chance.sample([c.name for c in companies if not c.family], 8)) | {
        c.name for c in families if chance.random() < 0.4
    }
    there = [company for company in companies if company.name not in away]
    clients = Clients(Candidate(ids[company.name], company.name) for company in there)
    families_there = {company.family for company in there if company.family}
    asked = [
        *chance.sample(there, min(len(there), 45)),
        *(c for c in companies if c.name in away),
        *(c for c in there if c.family),
    ]
    for company in asked:
        said, noise = corrupted(company.name, chance, half)
        if company.name in away:
            sort, truth = (ABSENT if company.family in families_there else STRANGER), None
        else:
            sort, truth = (SIBLING if company.family else ORDINARY), ids[company.name]
        unmapped = Unmapped("vendor", f"{chance.getrandbits(64):016x}", (said,))
        yield _outcome(Question(CUSTOMERS, sort, said, truth, noise), clients.score(unmapped), threshold)


def _skus(chance: random.Random, half: int, threshold: int) -> Iterator[Outcome]:
    everything = product_list(chance, half, 14)
    away = {product.code for product in everything if chance.random() < 0.25}
    there = [product for product in everything if product.code not in away]
    products = Products(Candidate(product.code, product.name) for product in there)
    for product in everything:
        term = product.term or ("" if "Year" in product.variant else chance.choice(["", "monthly", "annual"]))
        line = billed_as(product, term, chance, half)
        near = siblings(product, there)
        if product.code in away:
            sort, truth = (ABSENT if near else STRANGER), None
        else:
            sort, truth = (SIBLING if near else ORDINARY), product.code
        unmapped = Unmapped("vendor", line.sku_id, (line.sku_name,), line.term)
        yield _outcome(
            Question(SKUS, sort, f"{line.sku_name} / {line.term}", truth, ()),
            products.score(unmapped),
            threshold,
        )


def _outcome(question: Question, scored: Sequence[Scored], threshold: int) -> Outcome:
    first = next(iter(answer(scored, 0, question.kind).suggestions), None)
    return Outcome(
        question,
        answer(scored, threshold, question.kind),
        first.id if first else None,
        first.score if first else 0,
    )


@dataclass(frozen=True)
class Figures:
    """How a set of questions went. Precision: right suggestions of all suggestions. Recall: right suggestions
    of all that have a truth.
    """

    questions: int
    with_truth: int
    suggested: int
    right: int

    @property
    def precision(self) -> float:
        """Share of suggestions that were right."""
        return self.right / self.suggested if self.suggested else 0.0

    @property
    def recall(self) -> float:
        """Share of existing things for which the right suggestion was made."""
        return self.right / self.with_truth if self.with_truth else 0.0

    @property
    def doubtful_precision(self) -> float:
        """Lower end of the 95 % Wilson interval of the precision: the least that this
        number of questions proves.
        """
        if not self.suggested:
            return 0.0
        count, share, z = self.suggested, self.precision, 1.96
        middle = share + z * z / (2 * count)
        return (middle - z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))) / (
            1 + z * z / count
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.right else 0.0


def figures(found: Iterable[Outcome]) -> Figures:
    """Count a set of outcomes."""
    rows = list(found)
    return Figures(
        len(rows),
        sum(o.question.truth is not None for o in rows),
        sum(o.suggested is not None for o in rows),
        sum(o.is_right for o in rows),
    )


BANDS = ((98, 100), (95, 97), (92, 94), (90, 91), (80, 89), (70, 79), (50, 69))


def reliability(found: Sequence[Outcome]) -> list[tuple[int, int, int, int]]:
    """Per band of scores: how many best candidates without an equal rival had such a score, and how many of
    them were right.
    """
    rows = []
    for low, high in BANDS:
        inside = [o for o in found if o.top is not None and low <= o.score <= high]
        rows.append((low, high, len(inside), sum(o.top == o.question.truth for o in inside)))
    return rows
