"""A month's published tables, asked by `mbr sql`, and figures as people write them.

Belongs here: asking, and writing amounts and counts. Does not: which figures a page should have.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mbr_pipeline.cli.ledger import command as ledger_command
from mbr_pipeline.cli.sql import command as sql_command

Row = Mapping[str, Any]

MSP, PERIOD = "northwind", "2026-10"
NAME = "Northwind IT northwind"
HERE = f"/m/{MSP}/{PERIOD}"
Figures = list[tuple[str, str]]

DIRECTIONS = {
    "client_recoverable": "recoverable",
    "client_refund": "refund",
    "vendor_claim": "vendor claim",
    "vendor_liability": "vendor liability",
    "stranded": "stranded",
}
SUMS = ", ".join(f"sum({name}) as {name}" for name in DIRECTIONS)
ALL_SUMS = f"{SUMS}, sum(priced_at_cost) as priced_at_cost"


@dataclass(frozen=True)
class Books:
    """A workspace, one MSP and month of it, and the currency of its money."""

    root: Path
    msp_id: str
    period: str
    currency: str = "USD"

    @property
    def here(self) -> str:
        """The month's first page."""
        return f"/m/{self.msp_id}/{self.period}"

    def sql(self, query: str) -> list[Row]:
        """Ask `mbr sql`; ``$here`` stands for the month in a condition, ``$msp`` for the MSP."""
        msp = f"msp_id = '{self.msp_id}'"
        asked = query.replace("$here", f"{msp} and period = '{self.period}'").replace("$msp", msp)
        done = CliRunner().invoke(sql_command, [asked, "--workspace", str(self.root), "--format", "json"])
        assert done.exception is None, (asked, done.exception)
        rows: list[Row] = json.loads(done.stdout, parse_float=Decimal)
        return rows

    def one(self, query: str) -> Any:
        """Return the one value that a query answers."""
        [row] = self.sql(query)
        [value] = row.values()
        return value

    def entries(self) -> list[Row]:
        """Return the chain, as `mbr ledger` prints it."""
        asked = ["--msp", self.msp_id, "--jsonl", "--workspace", str(self.root)]
        return [json.loads(line) for line in CliRunner().invoke(ledger_command, asked).stdout.splitlines()]


def amount(value: Any) -> str:
    """Write an amount, with more places than two where they are not noughts."""
    exact = Decimal(value)
    return f"{exact:,.2f}" if exact == round(exact, 2) else f"{exact.normalize():,f}"


def paid(value: Any, currency: str = "USD") -> str:
    """Write an amount with its currency."""
    return f"{amount(value)} {currency}"


def money(row: Row, columns: Iterable[str] = DIRECTIONS, currency: str = "USD") -> str:
    """Write a row's impacts that are not 0, each with its direction."""
    return " ".join(
        f"{paid(row[name], currency)} {DIRECTIONS[name]}" for name in columns if Decimal(row[name])
    )


def plural(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain(value: Any) -> str:
    """Write a quantity without needless noughts."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def closed(books: Books) -> str:
    """Return the sentence that a closed month's pages say."""
    [entry] = [each for each in books.entries() if each["kind"] == "close"]
    how = f"`mbr reopen --msp {MSP} --period DATE --reason TEXT`"
    version, actor = entry["body"]["version"], entry["actor"]
    return f"{MSP} DATE is closed (version {version}, by {actor} on DATE): open it again by {how}"


def texts(rows: Sequence[Row]) -> set[str]:
    """Return every text of these rows."""
    return {str(value) for row in rows for value in row.values() if value is not None}


def with_cost(row: Row, currency: str = "USD") -> str:
    """Write a row's impacts, and what it costs at the vendor's price."""
    cost = row["priced_at_cost"]
    at_cost = f"{paid(cost, currency)} at cost" if Decimal(cost) else ""
    return " ".join(filter(None, (money(row, currency=currency), at_cost)))


def published_texts(books: Books) -> set[str]:
    """Return every text of a month that a page may repeat word for word."""
    return texts(
        [
            row
            for asked in (
                "select client_name from dim_client",
                "select product_name from dim_product",
                "select distinct source from dim_source",
                "select explanation from fct_exceptions",
                "select description from fct_invoice_lines_ready",
                "select distinct actor from fct_decisions",
                "select distinct line_id from fct_line_dispositions",
                "select distinct scope from fct_control_totals",
            )
            for row in books.sql(f"{asked} where $here")
        ]
    )
