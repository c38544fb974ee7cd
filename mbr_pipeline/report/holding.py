"""Who may be invoiced and who is held, why, and with how much money.

What belongs here: the client gate as the page tells it. The verdicts themselves are the
marts' (contract §5, §6).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mbr_pipeline.exception_codes import place_of
from mbr_pipeline.report.findings import MAX_ROWS, client_names
from mbr_pipeline.report.marts import Marts, sums
from mbr_pipeline.report.vocabulary import COMPARED, VERDICTS

SHOWN_PRODUCTS = 5


@dataclass(frozen=True)
class ClientCounts:
    """How many clients passed, passed because a difference was waived, or are held."""

    passed: int
    waived: int
    held: int

    @property
    def may_go(self) -> int:
        """Clients whose invoices may go."""
        return self.passed + self.waived


@dataclass(frozen=True)
class Amount:
    """An amount of one currency."""

    currency: str | None
    amount: Decimal


@dataclass(frozen=True)
class Reason:
    """Why a client is held: a blocking code with its money, or ``products``, the keys that
    could not be compared.
    """

    code: str
    count: int
    recoverable: tuple[Amount, ...] = ()
    refund: tuple[Amount, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldClient:
    """One held client; ``open`` counts its open exceptions."""

    client_id: str
    client_name: str | None
    held: tuple[Amount, ...]
    open: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Held:
    """The held clients that are shown, all of them by id, and their invoice lines' sum per currency."""

    rows: tuple[HeldClient, ...]
    everybody: tuple[str, ...]
    amounts: tuple[Amount, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.everybody)


@dataclass(frozen=True)
class Ready:
    """The lines that may go, of one currency; removed lines are not counted."""

    currency: str | None
    lines: int
    changed: int
    amount: Decimal


def client_counts(marts: Marts) -> ClientCounts | None:
    """Count the clients by their verdict; None if the client gate was not evaluated."""
    if not marts.evaluated("fct_client_gate"):
        return None
    counts = _by_verdict(marts, "client_id", "fct_client_gate")
    return ClientCounts(counts.get("PASS", 0), counts.get("PASS_WITH_WAIVER", 0), counts.get("HOLD", 0))


def compared_keys(marts: Marts) -> dict[str, int] | None:
    """Count the keys (client and product) by verdict; None if nothing was reconciled."""
    if not marts.evaluated("fct_reconciliation"):
        return None
    counts = _by_verdict(marts, "client_id, product_code", "fct_reconciliation")
    return {verdict: counts.get(verdict, 0) for verdict in VERDICTS}


def ready_lines(marts: Marts) -> tuple[Ready, ...] | None:
    """Add up the lines that may go per currency; None if there are none because the run did
    not get that far.
    """
    if not marts.evaluated("fct_invoice_lines_ready"):
        return None
    rows = marts.rows(
        "select currency, count(*) filter (change is distinct from 'removed') as lines,"
        " count(*) filter (coalesce(change, '') not in ('removed', 'unchanged')) as changed,"
        " coalesce(sum(amount) filter (change is distinct from 'removed'), 0) as amount"
        " from report.fct_invoice_lines_ready group by currency order by currency nulls last"
    )
    return tuple(Ready(**row) for row in rows)


def held_clients(marts: Marts) -> Held | None:
    """List the held clients, by currency and then largest held sum first, each with its reasons.

    Args:
        marts: The tables.

    Returns:
        At most ``MAX_ROWS`` clients; None if the client gate was not evaluated.
    """
    if not marts.evaluated("fct_client_gate"):
        return None
    own: dict[str, list[dict[str, Any]]] = {}
    for row in marts.rows(
        "select client_id, currency, held_amount, open_exceptions from report.fct_client_gate"
        " where verdict = 'HOLD' order by currency nulls last, held_amount desc, client_id, open_exceptions"
    ):
        own.setdefault(row["client_id"], []).append(row)
    shown = list(own)[:MAX_ROWS]
    names = client_names(marts, set(shown))
    reasons = reasons_of(marts, shown)
    rows = tuple(_held_client(client, own[client], names, reasons[client]) for client in shown)
    totals = marts.rows(
        "select currency, sum(held_amount) as amount from report.fct_client_gate where verdict = 'HOLD'"
        " group by currency order by currency nulls last"
    )
    return Held(rows, tuple(own), tuple(Amount(**row) for row in totals))


def _by_verdict(marts: Marts, key: str, table: str) -> dict[str, int]:
    """Count the keys that have a verdict, each once however many currencies it has."""
    rows = marts.rows(
        f"select verdict, count(*) as keys from (select distinct verdict, {key} from report.{table})"
        " group by verdict order by verdict"
    )
    return {row["verdict"]: row["keys"] for row in rows}


def _held_client(
    client: str, rows: list[dict[str, Any]], names: dict[str, str], reasons: list[Reason]
) -> HeldClient:
    held = tuple(Amount(row["currency"], row["held_amount"]) for row in rows)
    return HeldClient(
        client, names.get(client), held, sum(row["open_exceptions"] or 0 for row in rows), tuple(reasons)
    )


def reasons_of(marts: Marts, clients: list[str]) -> dict[str, list[Reason]]:
    """Return why each of these held clients is held."""
    reasons: dict[str, list[Reason]] = {client: [] for client in clients}
    for client, verdict, products in _not_compared(marts, clients):
        reasons[client].append(Reason(verdict, len(products), products=tuple(products[:SHOWN_PRODUCTS])))
    for (client, code), rows in sorted(_blocking(marts, clients).items(), key=_reason_order):
        amounts = {
            i: tuple(Amount(r["currency"], r[i]) for r in rows if r[i])
            for i in ("client_recoverable", "client_refund")
        }
        count = sum(row["rows"] for row in rows)
        reasons[client].append(Reason(code, count, amounts["client_recoverable"], amounts["client_refund"]))
    # lines of quantity and amount 0 hold a client too, and a key does not show whether it has any: name it
    # rather than hold without a reason
    silent = [client for client in clients if not reasons[client]]
    for client, verdict, products in _not_compared(marts, silent, with_figures=False):
        reasons[client].append(Reason(verdict, len(products), products=tuple(products[:SHOWN_PRODUCTS])))
    return reasons


def _reason_order(item: tuple[tuple[str, str], Any]) -> tuple[str, int, str]:
    (client, code), _ = item
    return client, place_of(code), code


def _blocking(marts: Marts, clients: list[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in marts.rows(
        f"select client_id, exception_code, currency, {sums(('client_recoverable', 'client_refund'))},"
        " count(*) as rows from report.fct_exceptions where blocking and client_id in (select unnest(?))"
        " group by client_id, exception_code, currency"
        " order by client_id, exception_code, currency nulls last",
        clients,
    ):
        found.setdefault((row["client_id"], row["exception_code"]), []).append(row)
    return found


def _not_compared(
    marts: Marts, clients: list[str], with_figures: bool = True
) -> list[tuple[str, str, list[str]]]:
    """Find the keys that hold a client: not compared, with invoice lines in the period (contract §4),
    told by their figures.
    """
    rows = marts.rows(
        "select client_id, verdict, list(distinct coalesce(product_code, '')) as products"
        " from report.fct_reconciliation where client_id in (select unnest(?)) and verdict not in ?"
        " and (not ? or coalesce(invoiced_unit_days, 0) <> 0 or invoiced_amount <> 0)"
        " group by client_id, verdict order by client_id, verdict",
        clients,
        list(COMPARED),
        with_figures,
    )
    return [(row["client_id"], row["verdict"], sorted(row["products"])) for row in rows]
