"""What the pages of clients must say whatever the month's state, from its tables.

Belongs here: the list of clients and the page of one. Does not: other pages (``expected``).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mbr_pipeline.exception_codes import exception_codes
from tests.serve.figures.books import Books, Figures, Row, amount, money, paid, plain, plural, with_cost
from tests.serve.figures.expected import VERDICTS, client_names, clients_by_verdict, open_money


def ready(books: Books) -> dict[str, object]:
    """What may go out, by client."""
    asked = "select client_id, sum(amount) as ready from fct_invoice_lines_ready where $here group by 1"
    return {row["client_id"]: row["ready"] for row in books.sql(asked)}


def client_rows(books: Books, may_go: Mapping[str, object]) -> Figures:
    """The list of clients; ``may_go``: what may go out, by client."""
    counted, rows = clients_by_verdict(books), books.sql("select * from fct_client_gate where $here")
    names = client_names(books)
    found: Figures = [
        *(("option", f"{title} ({counted[name]})") for name, title in VERDICTS.items()),
        (
            "caption",
            f"{plural(len(rows), 'client')}, those on hold first, most held money first. Money is never"
            " netted between directions.",
        ),
    ]
    for row in rows:
        at = f"Clients | {names[row['client_id']]} {row['client_id']} | "
        of_client = f"client_id = '{row['client_id']}'"
        found += [
            (
                f"{at}Ready",
                paid(may_go[row["client_id"]], row["currency"]) if row["client_id"] in may_go else "",
            ),
            (f"{at}Open", f"{row['open_exceptions']}"),
            (f"{at}Open money", open_money(books, of_client)),
        ]
        if row["verdict"] == "HOLD":
            found.append((f"{at}Held", paid(row["held_amount"], row["currency"])))
            found.append((f"{at}Why it is held", why_held(books, row["client_id"])))
    return found


def why_held(books: Books, client_id: str) -> str:
    """The figures of the reasons of a hold: money of blocking findings; codes are no figures."""
    rows = books.sql(
        "select exception_code, count(*) as n, sum(client_recoverable) as client_recoverable,"
        " sum(client_refund) as client_refund from fct_exceptions where $here and blocking"
        f" and client_id = '{client_id}' group by 1 order by 1"
    )
    assert all(row["n"] == 1 for row in rows)
    moneys = (money(row, ("client_recoverable", "client_refund"), books.currency) for row in rows)
    return " ".join(f"· {each}" for each in moneys if each)


def one_client(books: Books, bridge: Row) -> tuple[Figures, list[str]]:
    """A client's page, and what its picture draws."""
    where = f"$here and client_id = '{bridge['client_id']}'"
    found = books.sql(f"select * from fct_exceptions where {where}")
    steps = [row for row in found if exception_codes()[row["exception_code"]].kind == "client"]
    change = {
        row["exception_id"]: Decimal(row["client_recoverable"]) - Decimal(row["client_refund"])
        for row in steps
    }
    invoiced, due = amount(bridge["invoiced_amount"]), amount(bridge["expected_amount"])
    difference = Decimal(bridge["expected_amount"]) - Decimal(bridge["invoiced_amount"])
    more = "more" if difference > 0 else "less"
    missed = books.one(
        f"select count(*) from fct_reconciliation where {where} and verdict like 'unreconcil%'"
    )
    apart = f", but {plural(missed, 'product')} could not be compared" if missed else ""
    said = f"{paid(abs(difference), books.currency)} {more} is expected than invoiced{apart}."
    [gate] = books.sql(f"select verdict, held_amount from fct_client_gate where {where}")
    expected: Figures = [
        ("p", said if difference else f"What is expected is invoiced{apart}."),
        ("caption", f"The same, finding by finding. Residual: {amount(bridge['residual'])}."),
        (f"b1 | Invoiced | {books.currency}", invoiced),
        *((f"b1 | {id_} | {books.currency}", _signed(value)) for id_, value in change.items()),
        (f"b1 | Expected | {books.currency}", due),
        *(
            (f"beside | {row['exception_id']} | Money", with_cost(row, books.currency))
            for row in found
            if row not in steps
        ),
    ]
    if gate["verdict"] == "HOLD":
        expected.append(("p", f"on hold {paid(gate['held_amount'], books.currency)} held"))
    bars = [
        (row["exception_code"], _signed(change[row["exception_id"]]))
        for row in steps
        if change[row["exception_id"]]
    ]
    drawn = [("Invoiced", invoiced), *bars, ("Expected", due)]
    told = "; ".join(f"{name} {text}" for name, text in drawn) + "."
    return expected, [told, *(text for _, text in drawn)]


def ready_lines(books: Books, client_id: str) -> Figures:
    """The lines of a client that may go out."""
    found: Figures = []
    asked = f"select * from fct_invoice_lines_ready where $here and client_id = '{client_id}'"
    for line in books.sql(asked):
        at = f"ready | {line['invoice_id'] or 'added by MBR'} {line['invoice_line_id']} | "
        found += [
            (f"{at}Quantity", plain(line["quantity"])),
            (f"{at}Price", amount(line["unit_price"])),
            (f"{at}Amount", paid(line["amount"], line["currency"])),
        ]
    return found


def _signed(value: Decimal) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + amount(abs(value))
