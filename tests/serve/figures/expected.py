"""What pages of a month must say whatever its state, from its tables and files.

Belongs here: figures by place that open, blocked and closed months share. Does not: what a page says of the
state alone (the tests), the pages of clients (``expected_clients``) and of trends (``trends``).
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from mbr_pipeline.exception_codes import meaning_of
from tests.serve.figures.books import (
    ALL_SUMS,
    DIRECTIONS,
    SUMS,
    Books,
    Figures,
    amount,
    money,
    paid,
    plural,
    with_cost,
)

VERDICTS = {"HOLD": "on hold", "PASS_WITH_WAIVER": "pass, waived", "PASS": "pass"}


def clients_by_verdict(books: Books) -> dict[str, int]:
    """Count the clients of a month by their verdicts."""
    asked = "select verdict, count(distinct client_id) as n from fct_client_gate where $here group by 1"
    return dict.fromkeys(VERDICTS, 0) | {row["verdict"]: row["n"] for row in books.sql(asked)}


def open_money(books: Books, where: str = "true") -> str:
    """Write the money that is open, by currency and direction."""
    rows = books.sql(
        f"select currency, {SUMS} from fct_exceptions where $here and status = 'open' and {where}"
        " and currency is not null group by 1 order by 1"
    )
    return " ".join(filter(None, (money(row, currency=row["currency"]) for row in rows)))


def on_board(books: Books, name: str, version: int | None = None) -> Figures:
    """A month's row of the board."""
    at, clients = f"p{books.period} | {name} | ", clients_by_verdict(books)
    opened = books.one("select count(*) from fct_exceptions where $here and status = 'open'")
    return [
        (f"{at}State", f"closed v{version}" if version else "open"),
        (f"{at}Pass", f"{clients['PASS']}"),
        (f"{at}Waived", f"{clients['PASS_WITH_WAIVER']}"),
        (f"{at}On hold", f"{clients['HOLD']}"),
        (f"{at}Open", f"{opened}"),
        (f"{at}Open money", open_money(books)),
    ]


def at_a_terminal(books: Books) -> str:
    """What `mbr status` says is next where clients are on hold."""
    held = [
        row["client_id"]
        for row in books.sql(
            "select distinct client_id from fct_client_gate where $here and verdict = 'HOLD' order by 1"
        )
    ]
    named = ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "")
    month = f"--period DATE --msp {books.msp_id}"
    return (
        f"decide what holds {plural(len(held), 'client')} ({named}) by mbr decide, then mbr run {month};"
        f" or leave out: mbr close --msp {books.msp_id} --period DATE --except CLIENT --reason TEXT"
    )


def on_overview(books: Books) -> Figures:
    """What the month's first page counts."""
    clients = clients_by_verdict(books)
    opened = books.one("select count(*) from fct_exceptions where $here and status = 'open'")
    return [
        ("div", f"Worklist ({opened} open) Close and hand over"),
        ("dd Clients", f"{clients['PASS']} pass"),
        ("dd Clients", f"{clients['PASS_WITH_WAIVER']} with a waiver, {clients['HOLD']} on hold"),
    ]


def choices(books: Books) -> Figures:
    """What the worklist's filters offer, with counts."""

    def of(column: str, name: str, none: str) -> Figures:
        rows = books.sql(f"select {column} as id, count(*) as n from fct_exceptions where $here group by 1")
        names = {
            row["id"]: row["name"] for row in (books.sql(f"select {column} as id, {name}") if name else ())
        }
        return [("option", f"{names.get(r['id'], r['id']) if r['id'] else none} ({r['n']})") for r in rows]

    codes = books.sql("select exception_code as id, count(*) as n from fct_exceptions where $here group by 1")
    return [
        *(("option", f"{meaning_of(row['id'])} ({row['n']})") for row in codes),
        *of("client_id", "client_name as name from dim_client where $here", "not mapped to a client"),
        *of("product_code", "product_name as name from dim_product where $here", "no product"),
        *of("source", "", "no source"),
    ]


def findings(books: Books, where: str) -> Figures:
    """The rows of a worklist and their sum."""
    [sums] = books.sql(f"select count(*) as n, {ALL_SUMS} from fct_exceptions where $here and {where}")
    return [
        ("p", f"{plural(sums['n'], 'finding')} {with_cost(sums, books.currency)}"),
        *(
            (f"Findings | {row['exception_id']} | Money", with_cost(row, books.currency))
            for row in books.sql(f"select * from fct_exceptions where $here and {where}")
        ),
    ]


def client_names(books: Books) -> dict[str, str]:
    """The clients' names by their ids."""
    asked = "select client_id, client_name from dim_client where $here"
    return {row["client_id"]: row["client_name"] for row in books.sql(asked)}


def codes_of_pack(books: Books) -> Figures:
    """The close pack's money at stake, decisions in force and findings by code."""
    parts = ", ".join(f"sum({name}) filter (status = 'open') as open_{name}" for name in DIRECTIONS)
    [sums] = books.sql(
        f"select {SUMS}, {parts} from fct_exceptions where $here and currency = '{books.currency}'"
    )
    found: Figures = []
    for name, title in DIRECTIONS.items():
        whole, part = Decimal(sums[name]), Decimal(sums[f"open_{name}"] or 0)
        text = amount(whole) + (f" open {amount(part)}" if whole != part else "")
        found.append((f"Money at stake | {books.currency} | {title.capitalize()}", text))
    done = {"approve": "approved", "waive": "waived", "dispute": "disputed", "defer": "deferred"}
    for row in books.sql(
        "select actor, action, count(*) as n, sum(impact_seen) as seen from fct_decisions"
        " where $here and state = 'in_force' and exception_id is not null group by 1, 2"
    ):
        at = f"Decided, and by whom | {row['actor']} | "
        found.append((f"{at}What", f"{done[row['action']]} ×{row['n']}"))
        if Decimal(row["seen"]):
            found.append((f"{at}Money seen", paid(row["seen"], books.currency)))
    for row in books.sql(
        f"select exception_code as code, count(*) as n, count(*) filter (status = 'open') as opened,"
        f" count(*) filter (blocking) as holding, {SUMS} from fct_exceptions where $here group by 1"
    ):
        at = f"Findings by code | {row['code']} | "
        found += [
            (f"{at}Findings", f"{row['n']}"),
            (f"{at}Open", f"{row['opened']}"),
            (f"{at}Holding", f"{row['holding']}"),
            (f"{at}Money", money(row, currency=books.currency)),
        ]
    return found


def facts_of_pack(books: Books) -> Figures:
    """The close pack's facts on comparing and on who is held."""
    [keys] = books.sql(
        "select count(*) as total, count(*) filter (verdict not like 'unreconcil%') as compared"
        " from fct_reconciliation where $here"
    )
    names = client_names(books)
    held = books.sql("select * from fct_client_gate where $here and verdict = 'HOLD'")
    total = sum((Decimal(row["held_amount"]) for row in held), Decimal(0))
    residual = books.one("select sum(abs(residual)) from fct_variance_bridge where $here")
    return [
        (
            "p",
            "Close and hand over · print this page, or save it as PDF, by your browser: it is one page of A4",
        ),
        ("dd Compared", f"{keys['compared']} of {plural(keys['total'], 'product line')}"),
        ("dd Residual", amount(residual)),
        *([("dd Held back", paid(total, books.currency))] if held else []),
        *(
            (
                f"Clients on hold | {names[row['client_id']]} | Held",
                paid(row["held_amount"], row["currency"]),
            )
            for row in held
        ),
    ]


def coverage(books: Books) -> str:
    """The mapped share of recurring and usage lines; credits and taxes are excluded (contract §2)."""
    covered = books.one(
        "select 100 * sum(amount) filter (product_code is not null) / sum(amount) from fct_line_dispositions"
        " where $here and leg = 'vendor' and disposition <> 'excluded'"
    )
    return f"{int(Decimal(str(covered)) * 100) / Decimal(100):.2f} % {books.currency}"


def mapping(books: Books) -> Figures:
    """What is not mapped, of a month without unmapped customers."""
    rows = books.sql("select * from fct_exceptions where $here and exception_code like 'UNMAPPED_%'")
    counted = Counter(row["exception_code"] for row in rows)
    total = paid(sum(Decimal(row["priced_at_cost"]) for row in rows), books.currency)
    return [
        ("option", f"customers ({counted['UNMAPPED_CUSTOMER']})"),
        ("option", f"SKUs ({counted['UNMAPPED_SKU']})"),
        ("p", f"{plural(len(rows), 'thing')} to map; vendors' cost: SKUs {total} ."),
        *(("legend", paid(row["priced_at_cost"], books.currency)) for row in rows),
    ]
