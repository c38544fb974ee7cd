"""Every figure on the pages of clients and of the close equals what
`mbr sql` answers to a query written here (contract §12).

Belongs here: what each page must say, from the published tables; of versions and people the
ledger's entries, of files the files. A figure that no query accounts for fails its page, as does one that is
missing. Does not: whether published figures are right (tests/worlds).
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from requests import Response

from mbr_pipeline.exception_codes import exception_codes
from tests.serve.browsing import Visitor
from tests.serve.figures.books import (
    DIRECTIONS,
    HERE,
    MSP,
    PERIOD,
    SUMS,
    Books,
    Figures,
    amount,
    money,
    plain,
    plural,
    usd,
    with_cost,
)
from tests.serve.figures.holding import hold

_VERDICTS = {"HOLD": "on hold", "PASS_WITH_WAIVER": "pass, waived", "PASS": "pass"}


def test_the_clients(visitor: Visitor, books: Books, published: set[str]) -> None:
    rows = books.sql(
        "select gate.*, name.client_name, ready.amount from fct_client_gate as gate"
        " left join dim_client as name using (msp_id, period, client_id)"
        " left join (select client_id, sum(amount) as amount from fct_invoice_lines_ready where $here"
        f" group by 1) as ready using (client_id) where gate.msp_id = '{MSP}' and gate.period = '{PERIOD}'"
    )
    counted = Counter(row["verdict"] for row in rows)
    expected: Figures = [("option", f"{title} ({counted[name]})") for name, title in _VERDICTS.items()]
    expected.append(
        (
            "caption",
            f"{plural(len(rows), 'client')}, those on hold first, most held money first. Money is never"
            " netted between directions.",
        )
    )
    for row in rows:
        at = f"Clients | {row['client_name']} {row['client_id']} | "
        expected += [(f"{at}Ready", usd(row["amount"])), (f"{at}Open", f"{row['open_exceptions']}")]
    hold(visitor, f"{HERE}/clients", expected, published)


def _signed(value: Decimal) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + amount(abs(value))


def test_every_client(visitor: Visitor, books: Books, published: set[str]) -> None:
    bridges = books.sql("select * from fct_variance_bridge where $here order by client_id")
    assert len(bridges) == 21
    for bridge in bridges:
        where = f"$here and client_id = '{bridge['client_id']}'"
        found = books.sql(f"select * from fct_exceptions where {where}")
        steps = [row for row in found if exception_codes()[row["exception_code"]].kind == "client"]
        beside = [row for row in found if row not in steps]
        change = {
            row["exception_id"]: Decimal(row["client_recoverable"]) - Decimal(row["client_refund"])
            for row in steps
        }
        invoiced, due = amount(bridge["invoiced_amount"]), amount(bridge["expected_amount"])
        difference = Decimal(bridge["expected_amount"]) - Decimal(bridge["invoiced_amount"])
        more = "more" if difference > 0 else "less"
        expected = [
            ("p", f"{usd(abs(difference))} {more} is expected than invoiced." if difference else ""),
            ("caption", f"The same, finding by finding. Residual: {amount(bridge['residual'])}."),
            ("b1 | Invoiced | USD", invoiced),
            *((f"b1 | {id_} | USD", _signed(value)) for id_, value in change.items()),
            ("b1 | Expected | USD", due),
            *((f"beside | {row['exception_id']} | Money", with_cost(row)) for row in beside),
        ]
        for line in books.sql(f"select * from fct_invoice_lines_ready where {where}"):
            at = f"ready | {line['invoice_id'] or 'added by MBR'} {line['invoice_line_id']} | "
            expected += [
                (f"{at}Quantity", plain(line["quantity"])),
                (f"{at}Price", amount(line["unit_price"])),
                (f"{at}Amount", usd(line["amount"])),
            ]
        pictures = hold(visitor, f"{HERE}/clients/{bridge['client_id']}", expected, published)
        bars = [
            (row["exception_code"], _signed(change[row["exception_id"]]))
            for row in steps
            if change[row["exception_id"]]
        ]
        drawn = [("Invoiced", invoiced), *bars, ("Expected", due)]
        told = "; ".join(f"{name} {text}" for name, text in drawn) + "."
        assert pictures == [[told, *(text for _, text in drawn)]], bridge["client_id"]


def test_the_close(visitor: Visitor, books: Books, published: set[str]) -> None:
    ready = books.one("select sum(amount) from fct_invoice_lines_ready_versions where $here and version = 1")
    [entry] = [each for each in books.entries() if each["kind"] == "close"]
    n = int(entry["body"]["version"])
    expected = [
        ("p", f"closed v{n}"),
        (f"versions | {n} | Version", f"{n}"),
        (f"versions | {n} | Ready to invoice", usd(ready)),
        (
            "p",
            f"For a late credit or an error. What is published stays version {n} until the month is run"
            f" again and passes; closing it then makes version {n + 1}.",
        ),
        (f"evidence | {n} | Version", f"{n}"),
        ("button", f"Make it , version {n}"),
    ]
    hold(visitor, f"{HERE}/close", expected, published | {"o1"})


def test_the_close_pack(visitor: Visitor, books: Books, published: set[str]) -> None:
    [clients] = books.sql(
        "select count(distinct client_id) filter (verdict <> 'HOLD') as may_go,"
        " count(distinct client_id) filter (verdict = 'PASS_WITH_WAIVER') as waived,"
        " count(distinct client_id) filter (verdict = 'HOLD') as held from fct_client_gate where $here"
    )
    ready = books.one("select sum(amount) from fct_invoice_lines_ready where $here")
    [keys] = books.sql(
        "select count(*) as total, count(*) filter (verdict not like 'unreconcil%') as compared"
        " from fct_reconciliation where $here"
    )
    covered = books.one(  # recurring and usage lines; credits and taxes are excluded (contract §2)
        "select 100 * sum(amount) filter (product_code is not null) / sum(amount) from fct_line_dispositions"
        " where $here and leg = 'vendor' and disposition <> 'excluded'"
    )
    parts = ", ".join(f"sum({name}) filter (status = 'open') as open_{name}" for name in DIRECTIONS)
    [all_of_it] = books.sql(f"select {SUMS}, {parts} from fct_exceptions where $here and currency = 'USD'")
    expected: Figures = [
        (
            "p",
            "Close and hand over · print this page, or save it as PDF, by your browser: it is one page of A4",
        ),
        ("p", "Version 1, closed by DATE · evaluated DATE"),
        ("p", f"Invoices may go for {plural(clients['may_go'], 'client')}"),
        (
            "p",
            f"All controls passed and no client is held. {clients['waived']} of those that may go with a"
            " waived difference.",
        ),
        ("dd Clients", f"{clients['may_go']} may go ({clients['waived']} waived), {clients['held']} held"),
        ("dd Ready to invoice", usd(ready)),
        ("dd Coverage", f"{int(Decimal(str(covered)) * 100) / Decimal(100):.2f} % USD"),
        ("dd Compared", f"{keys['compared']} of {plural(keys['total'], 'product line')}"),
        ("dd Residual", amount(books.one("select sum(abs(residual)) from fct_variance_bridge where $here"))),
        ("p", f"Head of the chain: (entry {len(books.entries())}, DATE)"),
    ]
    for name, title in DIRECTIONS.items():
        whole, part = Decimal(all_of_it[name]), Decimal(all_of_it[f"open_{name}"])
        text = amount(whole) + (f" open {amount(part)}" if whole != part else "")
        expected.append((f"Money at stake | USD | {title.capitalize()}", text))
    done = {"approve": "approved", "waive": "waived", "dispute": "disputed", "defer": "deferred"}
    for row in books.sql(
        "select actor, action, count(*) as n, sum(impact_seen) as seen from fct_decisions"
        " where $here and state = 'in_force' and exception_id is not null group by 1, 2"
    ):
        at = f"Decided, and by whom | {row['actor']} | "
        expected.append((f"{at}What", f"{done[row['action']]} ×{row['n']}"))
        if Decimal(row["seen"]):
            expected.append((f"{at}Money seen", usd(row["seen"])))
    for row in books.sql(
        f"select exception_code as code, count(*) as n, count(*) filter (status = 'open') as opened,"
        f" count(*) filter (blocking) as holding, {SUMS} from fct_exceptions where $here group by 1"
    ):
        at = f"Findings by code | {row['code']} | "
        expected += [
            (f"{at}Findings", f"{row['n']}"),
            (f"{at}Open", f"{row['opened']}"),
            (f"{at}Holding", f"{row['holding']}"),
            (f"{at}Money", money(row)),
        ]
    hold(visitor, f"{HERE}/pack", expected, published | {"o1"})


class _Altered(Visitor):
    """Sees another text in place of one."""

    def __init__(self, visitor: Visitor, text: str, other: str) -> None:
        super().__init__(visitor.address)
        self.session, self._text, self._other = visitor.session, text, other

    def _kept(self, answer: Response) -> Response:
        super()._kept(answer)
        assert self._text in self.page
        self.page = self.page.replace(self._text, self._other, 1)
        return answer


def test_a_page_with_a_wrong_an_unknown_or_a_missing_figure_is_seen(
    visitor: Visitor, books: Books, published: set[str]
) -> None:
    ready = amount(
        books.one("select sum(amount) from fct_invoice_lines_ready where $here and client_id = 'C1009'")
    )
    for other, said in ((ready[:-1] + "9", "no query"), (f"{ready} of 7", "no query"), ("", "missing")):
        with pytest.raises(AssertionError, match=said):
            test_the_clients(_Altered(visitor, ready, other), books, published)
    test_the_clients(_Altered(visitor, "Clients", "Clients"), books, published)
