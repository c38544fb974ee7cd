"""All clients of a month, one row each: whether they may be invoiced, with what, and what is open.

What belongs here: choosing, ordering and adding up per client and currency. What does not: why a client is
held (``holding``), and one client's month (``mbr_pipeline.explain``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mbr_pipeline.report.holding import Amount, Reason, reasons_of
from mbr_pipeline.report.marts import Marts, sums
from mbr_pipeline.report.vocabulary import IMPACTS


@dataclass(frozen=True)
class ClientLine:
    """One client.

    Attributes:
        client_id: Its id.
        client_name: Its name as landed; None where ``dim_client`` has none.
        verdict: ``PASS``, ``PASS_WITH_WAIVER`` or ``HOLD``.
        open: How many findings nobody decided.
        ready: Σ of its lines that may go out, by currency.
        held: Σ of its invoice lines that may not, by currency.
        money: The five impacts of its open findings by currency; only currencies with any.
        reasons: Why it is held.
    """

    client_id: str
    client_name: str | None
    verdict: str
    open: int
    ready: Sequence[Amount] = ()
    held: Sequence[Amount] = ()
    money: Mapping[str | None, Mapping[str, Decimal]] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True)
class ClientList:
    """The clients that are shown, and how many there are by verdict."""

    rows: Sequence[ClientLine]
    counts: Mapping[str, int]
    chosen: int


_ORDERED = """
    with gate as (
        select client_id, min(verdict) as verdict, sum(open_exceptions) as open,
            min(currency) as currency, arg_min(held_amount, coalesce(currency, '~')) as held
        from report.fct_client_gate group by client_id
    ),
    names as (
        select client_id, min(client_name) as client_name from report.dim_client
        where client_name <> '' group by client_id
    )
    select client_id, client_name, verdict, open, count(*) over () as chosen
    from gate left join names using (client_id)
    where (? is null or verdict = ?)
        and (? = '' or contains(lower(client_id), lower(?)) or contains(lower(client_name), lower(?)))
    order by list_position(['HOLD', 'PASS_WITH_WAIVER', 'PASS'], verdict),
        currency nulls last, held desc, open desc, client_id
    limit ? offset ?
"""
"""Held ones first, in one currency the largest held sum first. A client has one verdict in all currencies."""


def client_list(
    marts: Marts, limit: int, offset: int = 0, verdict: str | None = None, text: str = ""
) -> ClientList | None:
    """List clients, held ones first.

    Args:
        marts: The tables.
        limit: How many rows at most.
        offset: How many to leave out before.
        verdict: Only those.
        text: Only clients with this in id or name.

    Returns:
        The rows; None if the client gate was not evaluated.
    """
    if not marts.evaluated("fct_client_gate"):
        return None
    counted = marts.rows(
        "select verdict, count(distinct client_id) as n from report.fct_client_gate group by 1 order by 1"
    )
    rows = marts.rows(_ORDERED, verdict, verdict, text, text, text, limit, offset)
    shown = [row["client_id"] for row in rows]
    ready, held = _ready(marts, shown), _held(marts, shown)
    money = _open_money(marts, shown)
    reasons = reasons_of(marts, [row["client_id"] for row in rows if row["verdict"] == "HOLD"])
    return ClientList(
        tuple(
            ClientLine(
                client := row["client_id"],
                row["client_name"],
                row["verdict"],
                row["open"] or 0,
                ready.get(client, ()),
                held.get(client, ()),
                money.get(client, {}),
                tuple(reasons.get(client, ())),
            )
            for row in rows
        ),
        {row["verdict"]: row["n"] for row in counted},
        rows[0]["chosen"] if rows else 0,
    )


def _ready(marts: Marts, clients: list[str]) -> dict[str, list[Amount]]:
    return _amounts(
        marts.rows(
            "select client_id, currency, sum(amount) as amount from report.fct_invoice_lines_ready"
            " where client_id in (select unnest(?)) group by all order by client_id, currency nulls last",
            clients,
        )
    )


def _held(marts: Marts, clients: list[str]) -> dict[str, list[Amount]]:
    return _amounts(
        marts.rows(
            "select client_id, currency, sum(held_amount) as amount from report.fct_client_gate"
            " where verdict = 'HOLD' and client_id in (select unnest(?))"
            " group by all having sum(held_amount) <> 0 order by client_id, currency nulls last",
            clients,
        )
    )


def _amounts(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Amount]]:
    found: dict[str, list[Amount]] = defaultdict(list)
    for row in rows:
        found[row["client_id"]].append(Amount(row["currency"], row["amount"]))
    return found


def _open_money(marts: Marts, clients: list[str]) -> dict[str, dict[str | None, dict[str, Decimal]]]:
    found: dict[str, dict[str | None, dict[str, Decimal]]] = defaultdict(dict)
    for row in marts.rows(
        f"select client_id, currency, {sums(IMPACTS)} from report.fct_exceptions"
        " where status = 'open' and client_id in (select unnest(?))"
        " group by client_id, currency order by client_id, currency nulls last",
        clients,
    ):
        if any(row[name] for name in IMPACTS):
            found[row["client_id"]][row["currency"]] = {name: row[name] for name in IMPACTS}
    return found
