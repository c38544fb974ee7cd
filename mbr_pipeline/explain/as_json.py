"""Explanations as data for other programs: money as text, every row of every table.

What belongs here: the shape of ``mbr explain --json``. The text for people is ``render``'s.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from mbr_pipeline.explain import Explanation
from mbr_pipeline.explain.bridge import ClientBridge, CurrencyBridge, signed_money
from mbr_pipeline.explain.exact import Number, money
from mbr_pipeline.explain.records import MONEY_COLUMNS, Finding
from mbr_pipeline.explain.render import records_without_step
from mbr_pipeline.values import minor_units


def explanation_json(explanation: Explanation) -> str:
    """One object: the exception as published, the derivation's parts, its money, and
    whether the two agree.
    """
    found, derived = explanation.found, explanation.derived
    document = {
        **_finding(found.finding),
        "blocked_by": None if found.blocked_by is None else list(found.blocked_by),
        "explanation": found.finding.explanation,
        "evidence": list(found.finding.evidence),
        "steps": [
            {
                "title": part.title,
                "columns": list(part.columns),
                "rows": [list(row) for row in part.rows],
                "lines": list(part.lines),
            }
            for part in derived.parts
        ],
        "records_in_no_step": records_without_step(found.finding, derived.parts),
        "derived": {
            "exception_code": derived.code,
            "currency": derived.currency,
            "money": {c: money(amount, derived.places) for c, amount in derived.impacts.items()},
        },
        "clears": derived.clears,
        "agrees": not explanation.problems,
        "problems": list(explanation.problems),
    }
    return _dumped(document)


def bridge_json(bridge: ClientBridge) -> str:
    """One object: the client, its gate, and its bridge per currency."""
    document = {
        "msp_id": bridge.month.msp_id,
        "period": bridge.month.period.text,
        "client_id": bridge.client_id,
        "client_name": bridge.client_name,
        "blocked_by": None if bridge.blocked_by is None else list(bridge.blocked_by),
        "verdict": bridge.verdict,
        "held_by": [f.exception_id for f in bridge.holders],
        "not_compared": [asdict(product) for product in bridge.not_compared],
        "bridges": [_bridge(currency) for currency in bridge.bridges],
        "beside": [_finding(f) for f in bridge.beside],
        "agrees": not bridge.problems,
        "problems": bridge.problems,
    }
    return _dumped(document)


def _bridge(currency: CurrencyBridge) -> dict[str, Any]:
    amounts: dict[str, Number] = {
        "invoiced_amount": currency.invoiced,
        "expected_amount": currency.expected,
        "difference": currency.difference,
        "classified_variance": currency.classified,
        "residual": currency.residual,
    }
    steps = [{**_finding(f), "signed": money(signed_money(f), currency.places)} for f in currency.steps]
    return {
        "currency": currency.currency,
        **{name: money(a, currency.places) for name, a in amounts.items()},
        "steps": steps,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    names = (
        "exception_id",
        "msp_id",
        "period",
        "exception_code",
        "severity",
        "blocking",
        "status",
        "client_id",
        "product_code",
        "source",
        "vendor_customer_id",
        "sku_id",
        "invoice_id",
        "line_id",
        "currency",
    )
    places = minor_units().get(finding.currency or "", 2)
    return {
        **{n: getattr(finding, n) for n in names},
        "money": {c: money(finding.money[c], places) for c in MONEY_COLUMNS},
    }


def _dumped(document: dict[str, Any]) -> str:
    # printable ASCII only: it may be read on a terminal, and it contains text from outside
    return json.dumps(document, indent=2, ensure_ascii=True)
