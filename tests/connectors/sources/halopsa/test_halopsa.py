"""HaloPSA: the conformance suite, and that both sides keep to the interface's document.

Belongs here: what is walked, counted and kept, clients and items. Does not: lines (``test_agreement_lines``,
``test_invoice_lines``).
"""

from __future__ import annotations

from connectors.sources.halopsa.declaration import HALOPSA
from connectors.testing.conformance import SourceConformance
from connectors.testing.vendors.halopsa import FakeHaloPSA
from tests.connectors.sources.halopsa.books import BESIDE, BOOKS


class TestHaloPSA(SourceConformance):
    spec, vendor, books, hostile = HALOPSA, FakeHaloPSA, BOOKS, "invoice_lines"
    beside = BESIDE
