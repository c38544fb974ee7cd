"""Takes the cause of an injected finding away again, each by the least change that a billing team would make.

Belongs here: one repair per exception code, for injections of typical size. That the finding goes and nothing
else with it is ``test_metamorphic``'s to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from mbr_pipeline.scaffold.world.arithmetic import days_in, period_end, period_start, round_money
from mbr_pipeline.scaffold.world.model import (
    AGREEMENTS,
    INVOICE_LINES,
    LICENSE_COUNTS,
    PRODUCTS,
    PSA,
    VENDOR_CHARGES,
    Answer,
    Landed,
    Workspace,
)
from tests.worlds.relations.rows import tied

Row = dict[str, Any]


@dataclass
class Case:
    """One injection of a world: what it landed in the last period, to be edited in place."""

    workspace: Workspace
    index: int
    answer: Answer

    def is_about(self, row: Row) -> bool:
        """Whether a row names a subject of the injection."""
        names = (row.get(name) for name in ("client_id", "product_code", "vendor_customer_id", "sku_id"))
        return any(
            re.fullmatch(rf"(V|VP|VS|vc|ghost|strange)-{self.index}(-\d+)?(-c)?", name or "")
            for name in names
        )

    def landed(self, dataset: str) -> Iterable[tuple[str, Landed]]:
        """The dataset of every source in the last period."""
        book = self.workspace.books[0]
        return [
            (source, data)
            for (period, source, name), data in book.landing.items()
            if (period, name) == (self.period, dataset)
        ]

    def rows(self, dataset: str) -> list[Row]:
        """The injection's rows of a dataset."""
        return [row for _, data in self.landed(dataset) for row in data.rows if self.is_about(row)]

    def row(self, dataset: str) -> Row:
        """Its only row of a dataset."""
        (row,) = self.rows(dataset)
        return row

    def rules(self, name: str) -> list[Row]:
        """The injection's rows of a rule file."""
        return [row for row in self.workspace.books[0].rules[name] if self.is_about(row)]

    def lines(self) -> set[tuple[str, str, str]]:
        """Leg, source and line id of every line it landed."""
        legs = (("vendor", VENDOR_CHARGES, "line_id"), ("invoice", INVOICE_LINES, "invoice_line_id"))
        return {
            (leg, source, row[name])
            for leg, dataset, name in legs
            for source, data in self.landed(dataset)
            for row in data.rows
            if self.is_about(row)
        }

    @property
    def period(self) -> str:
        """The month it stands in."""
        return self.workspace.periods[-1]

    def drop(self, dataset: str, is_wrong: Callable[[Row], bool]) -> None:
        """Remove those of its rows that are wrong."""
        for _, data in self.landed(dataset):
            data.rows = [row for row in data.rows if not (self.is_about(row) and is_wrong(row))]

    def bill(self, line: Row, quantity: Any = None, price: Any = None) -> None:
        """Put an invoice line right: quantity and price as given or as they are, the amount for its days."""
        line["quantity"] = line["quantity"] if quantity is None else quantity
        line["unit_price"] = line["unit_price"] if price is None else price
        days = (line["service_period_end"] - line["service_period_start"]).days
        worth = Fraction(line["unit_price"]) * Fraction(line["quantity"]) * days / days_in(self.period)
        line["amount"] = round_money(worth, line["currency"])

    def invoice(self, quantity: Any, since: date, **values: Any) -> None:
        """Land a further invoice line up to the month's end."""
        line = {
            "invoice_line_id": f"repair-{self.index}",
            "invoice_id": f"repair-{self.index}",
            "client_id": self.answer.client_id,
            "product_code": self.answer.product_code,
            "currency": self.answer.currency,
            "service_period_start": since,
            "service_period_end": period_end(self.period),
            "quantity": quantity,
            **values,
        }
        self.bill(line)
        self.workspace.books[0].rows(self.period, PSA, INVOICE_LINES).append(line)


def _bill_what_is_provided(case: Case) -> None:
    case.bill(case.row(INVOICE_LINES), sum(row["quantity"] for row in case.rows(VENDOR_CHARGES)))


def _prorate_the_change(case: Case) -> None:
    line, (standing, _, changed) = case.row(INVOICE_LINES), case.rows(VENDOR_CHARGES)
    case.bill(line, standing["quantity"])
    case.invoice(
        changed["quantity"] - standing["quantity"],
        changed["charge_period_start"],
        unit_price=line["unit_price"],
    )


def _take_off_the_invoice(case: Case) -> None:
    case.drop(INVOICE_LINES, lambda _: True)


def _invoice_under_the_agreement(case: Case) -> None:
    agreement = case.row(AGREEMENTS)
    agreement["effective_end"] = None
    case.invoice(
        case.row(VENDOR_CHARGES)["quantity"], period_start(case.period), unit_price=agreement["unit_price"]
    )


def _invoice_at_list_price(case: Case) -> None:
    (charge,) = (row for row in case.rows(VENDOR_CHARGES) if row["sku_id"].endswith("-2"))
    (product,) = (row for row in case.rows("products") if row["product_code"] == case.answer.product_code)
    case.invoice(charge["quantity"], period_start(case.period), unit_price=product["default_unit_price"])


def _charge_the_agreed_price(case: Case) -> None:
    case.bill(case.row(INVOICE_LINES), price=case.row(AGREEMENTS)["unit_price"])


def _add_up_the_line(case: Case) -> None:
    case.bill(case.row(INVOICE_LINES))


def _bill_cost_plus(sign: int) -> Callable[[Case], None]:
    def repair(case: Case) -> None:
        case.row(INVOICE_LINES)["amount"] += sign * case.answer.impact

    return repair


def _bill_one_currency(case: Case) -> None:
    currency = case.row(AGREEMENTS)["currency"]
    case.drop(INVOICE_LINES, lambda row: row["currency"] != currency)


def _raise_the_price(case: Case) -> None:
    price = case.row(VENDOR_CHARGES)["unit_cost"] * 3
    case.row(AGREEMENTS)["unit_price"] = price
    case.bill(case.row(INVOICE_LINES), price=price)


def _waive_the_floor(case: Case) -> None:
    (rule,) = case.rules("metering")
    rule["margin_floor_pct"] = None


def _take_off_the_bill(is_wrong: Callable[[Case, Row], bool]) -> Callable[[Case], None]:
    return lambda case: case.drop(VENDOR_CHARGES, lambda row: is_wrong(case, row))


def _start_with_the_month(case: Case) -> None:
    case.row(VENDOR_CHARGES)["charge_period_start"] = period_start(case.period)


def _add_up_the_charge(case: Case) -> None:
    charge = case.row(VENDOR_CHARGES)
    charge["amount"] = charge["quantity"] * charge["unit_cost"]


def _agree_the_cost(case: Case) -> None:
    (rule,) = case.rules("cost_list")
    rule["unit_cost"] = case.row(VENDOR_CHARGES)["unit_cost"]


def _count_what_is_billed(case: Case) -> None:
    last = max(case.rows(LICENSE_COUNTS), key=lambda row: row["as_of_date"])
    last["entitled_quantity"] = sum(row["quantity"] for row in case.rows(VENDOR_CHARGES))


def _say_that_no_vendor_supplies_it(case: Case) -> None:
    for row in case.rows(PRODUCTS):
        row["vendor_backed"] = row["product_code"] != case.answer.product_code


def _assign_all(case: Case) -> None:
    for row in case.rows(LICENSE_COUNTS):
        row["assigned_quantity"] = row["entitled_quantity"]


REPAIRS: dict[str, Callable[[Case], None]] = {
    "CURRENCY_MISMATCH": _bill_one_currency,
    "COST_PLUS_UNDERBILLED": _bill_cost_plus(1),
    "COST_PLUS_OVERBILLED": _bill_cost_plus(-1),
    "BILLED_NOT_PROVIDED": _take_off_the_invoice,
    "AGREEMENT_NOT_INVOICED": _invoice_under_the_agreement,
    "AGREEMENT_ENDED": _invoice_under_the_agreement,
    "UNBILLED_PRODUCT": _invoice_at_list_price,
    "MID_PERIOD_CHANGE_NOT_PRORATED": _prorate_the_change,
    "UNDERBILLED_QUANTITY": _bill_what_is_provided,
    "OVERBILLED_QUANTITY": _bill_what_is_provided,
    "INVOICE_PRICE_MISMATCH": _charge_the_agreed_price,
    "INVOICE_AMOUNT_MISMATCH": _add_up_the_line,
    "ROUNDING": _add_up_the_line,
    "SOLD_BELOW_COST": _raise_the_price,
    "MARGIN_BELOW_FLOOR": _waive_the_floor,
    "DUPLICATE_VENDOR_CHARGE": _take_off_the_bill(lambda case, row: row["line_id"] == case.answer.line_id),
    "UNMAPPED_CUSTOMER": _take_off_the_bill(
        lambda case, row: row["vendor_customer_id"] == case.answer.vendor_customer_id
    ),
    "UNMAPPED_SKU": _take_off_the_bill(lambda case, row: row["sku_id"] == case.answer.sku_id),
    "UNMAPPED_PRODUCT": _say_that_no_vendor_supplies_it,
    "USAGE_NOT_METERED": _take_off_the_bill(lambda _, row: row["charge_category"] == "usage"),
    "LATE_CHARGE": _start_with_the_month,
    "VENDOR_AMOUNT_MISMATCH": _add_up_the_charge,
    "VENDOR_PRICE_CHANGE": _agree_the_cost,
    "VENDOR_QUANTITY_OVER": _count_what_is_billed,
    "VENDOR_QUANTITY_UNDER": _count_what_is_billed,
    "UNUSED_LICENSES": _assign_all,
}
"""The repair of every exception code."""


def cases(workspace: Workspace, codes: Collection[str]) -> list[Case]:
    """The injections of these codes, in a world made with one injection of every exception code in the order
    of its answers.
    """
    return [
        Case(workspace, index, answer)
        for index, answer in enumerate(workspace.answers)
        if answer.code in codes
    ]


def repaired(workspace: Workspace, codes: Collection[str]) -> Workspace:
    """The world without the causes of these codes."""
    copy = deepcopy(workspace)
    for case in cases(copy, codes):
        REPAIRS[case.answer.code](case)
    return tied(copy)
