"""Every source without one of the words that make it complete: the suite must notice each.

Belongs here: taking ``total``, ``required`` and ``belongs`` out of the declarations one by one. Does not: the
demands themselves (``connectors.testing.completeness``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.http.endpoint import Endpoint
from connectors.spec import SourceSpec
from connectors.testing.conformance import SourceConformance
from tests.connectors.sources import test_ninjaone, test_sherweb
from tests.connectors.sources.connectwise import test_connectwise
from tests.connectors.sources.example import test_licenta
from tests.connectors.sources.halopsa import test_halopsa
from tests.connectors.sources.huntress import test_huntress
from tests.connectors.sources.microsoft import test_graph_billing, test_graph_licenses, test_partner_center
from tests.connectors.sources.pax8 import test_pax8
from tests.connectors.sources.quickbooks import test_quickbooks
from tests.connectors.sources.xero import test_xero

_SUITES: tuple[type[SourceConformance], ...] = (
    test_pax8.TestPax8,
    test_ninjaone.TestNinjaOne,
    test_xero.TestXero,
    test_huntress.TestHuntress,
    test_huntress.TestHuntressReseller,
    test_connectwise.TestConnectWise,
    test_partner_center.TestPartnerCenter,
    test_graph_billing.TestGraphBilling,
    test_graph_licenses.TestGraphLicenses,
    test_licenta.TestLicenta,
    test_sherweb.TestSherweb,
    test_halopsa.TestHaloPSA,
    test_quickbooks.TestQuickBooks,
)
_TOTAL, _REQUIRED, _BELONGS = (
    "test_every_total_is_held_against_what_arrived",
    "test_every_promised_field_is_demanded",
    "test_other_months_stay_out",
)


@dataclass(frozen=True)
class Mutant:
    """A suite, an endpoint of its source, what becomes of it, and the test that must notice."""

    suite: type[SourceConformance]
    endpoint: Endpoint
    word: str
    change: Callable[[Endpoint], Endpoint]
    test: str

    def __str__(self) -> str:
        return f"{self.suite.spec.name}: {self.endpoint.name} without {self.word}"


def _endpoints(spec: SourceSpec) -> list[Endpoint]:
    found: list[Endpoint] = []

    def add(one: Any) -> None:
        if isinstance(one, Endpoint) and not any(one is each for each in found):
            found.append(one)
            add(one.parent)
            for lookup in one.lookups:
                add(lookup.endpoint)

    for feed in spec.feeds:
        for endpoint in feed.endpoints:
            add(endpoint)
    return found


def _less(required: str) -> Callable[[Endpoint], Endpoint]:
    return lambda one: replace(one, required=tuple(name for name in one.required if name != required))


def _uncounted(one: Endpoint) -> Endpoint:
    paginator: Any = one.paginator
    return replace(one, paginator=replace(paginator, **dict.fromkeys(_counts(one), "")))


def _counts(one: Endpoint) -> list[str]:
    paginator: Any = one.paginator
    return [
        each.name
        for each in fields(paginator)
        if each.name in ("total", "count") and getattr(paginator, each.name)
    ]


def _mutants() -> Iterator[Mutant]:
    for suite in _SUITES:
        for endpoint in _endpoints(suite.spec):
            if _counts(endpoint):
                yield Mutant(suite, endpoint, "its total", _uncounted, _TOTAL)
            for name in endpoint.required:
                yield Mutant(suite, endpoint, f"required {name}", _less(name), _REQUIRED)
            if endpoint.belongs is not Endpoint.belongs:
                yield Mutant(
                    suite,
                    endpoint,
                    "belongs",
                    lambda one: replace(one, belongs=lambda record, known: True),
                    _BELONGS,
                )


def _in_place(spec: SourceSpec, old: Endpoint, new: Endpoint) -> SourceSpec:
    """Return a source with one endpoint in another's place, wherever it stands."""

    def changed(one: Any) -> Any:
        if one is old:
            return new
        if not isinstance(one, Endpoint):
            return one
        lookups = tuple(replace(each, endpoint=changed(each.endpoint)) for each in one.lookups)
        return replace(one, parent=changed(one.parent), lookups=lookups)

    feeds = tuple(replace(feed, endpoints=tuple(map(changed, feed.endpoints))) for feed in spec.feeds)
    return replace(spec, feeds=feeds)


@pytest.mark.parametrize("mutant", list(_mutants()), ids=str)
def test_the_suite_notices_what_a_declaration_leaves_out(mutant: Mutant, tmp_path: Path) -> None:
    weak = _in_place(mutant.suite.spec, mutant.endpoint, mutant.change(mutant.endpoint))
    suite = type("Weak", (mutant.suite,), {"spec": weak})()
    with pytest.raises((Exception, pytest.fail.Exception)):
        getattr(suite, mutant.test)(tmp_path)
