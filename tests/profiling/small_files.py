"""Small files with columns of a bill, and what is asked of them.

Belongs here: what the tests of questions share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mbr_pipeline.profiling.proposal import Proposal

Proposed = Callable[..., Proposal]
Whole = Callable[..., Proposal]
HEAD = "Invoice,Customer ID,SKU,Type,Subscription ID,Currency,From,To"
ROW = "I1,K1,S1,Subscription,x1,EUR,2026-10-01,2026-10-31"


def asked(proposal: Proposal) -> set[str]:
    return {question.key[-1] for question in proposal.questions}


def money(proposal: Proposal) -> tuple[Any, ...]:
    columns = proposal.columns
    price = "unit_cost" if "unit_cost" in columns else "unit_price"
    return columns["quantity"], columns[price], columns["amount"]


def signed(quantity: str, amount: str) -> dict[str, str]:
    return {"heading": quantity, "sign_of": amount}
