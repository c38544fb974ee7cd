"""Assembles the clean book of one MSP, in which a correct reconciliation finds nothing at all.

Who buys which archetype, the order of rows and their ids are decided here; amounts and dates come from
``deal_rows``, ``usage`` and ``extras``. Vendor invoice totals are added at the very end by
``invoice_totals``, after the injections.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from mbr_pipeline.scaffold.world.archetypes import ARCHETYPES, Context, counted_elsewhere, reassigned
from mbr_pipeline.scaffold.world.arithmetic import add_months, day_of, next_period, period_start
from mbr_pipeline.scaffold.world.catalogue import (
    Catalogue,
    add_elsewhere,
    cost_list_rows,
    make_catalogue,
    metering_rows,
    product_rows,
    sku_map_rows,
)
from mbr_pipeline.scaffold.world.deal_rows import agreement_rows, invoice_rows, snapshot_rows, vendor_rows
from mbr_pipeline.scaffold.world.deals import Deal, Subscription
from mbr_pipeline.scaffold.world.extras import (
    aside_counts,
    aside_lines,
    aside_rules,
    project_rows,
    vendor_fee_rows,
)
from mbr_pipeline.scaffold.world.model import (
    AGREEMENTS,
    CLIENTS,
    INVOICE_LINES,
    LICENSE_COUNTS,
    PRODUCTS,
    PSA,
    VENDOR_CHARGES,
    Book,
    Row,
)
from mbr_pipeline.scaffold.world.parties import Party, client_map_rows, client_rows, make_parties, map_row
from mbr_pipeline.scaffold.world.usage import CloudAccount, make_account
from mbr_pipeline.scaffold.world.usage import invoice_rows as cloud_invoice_rows

DEALS_PER_CLIENT = 4


def choose_periods(rng: Random, count: int) -> list[str]:
    """Consecutive months; every other world contains a leap February."""
    if rng.random() < 0.5:
        february = rng.choice(("2024-02", "2028-02"))
        first = add_months(period_start(february), -rng.randrange(count))
    else:
        first = add_months(period_start("2023-01"), rng.randrange(40))
    return [add_months(first, index).isoformat()[:7] for index in range(count)]


def vendor_invoice_id(source: str, period: str, currency: object, batch: str = "") -> str:
    """The id of the invoice that carries a source's lines of one currency and period;
    ``batch`` makes further ones.
    """
    return f"{source[:3].upper()}-{period}-{currency}{batch}"


def add_vendor_line(book: Book, period: str, source: str, row: Row, batch: str = "") -> str:
    """Land a vendor line with the next line id on the invoice of its currency; the id is returned."""
    rows = book.rows(period, source, VENDOR_CHARGES)
    line_id = f"{len(rows) + 1:05d}"
    rows.append(
        {"line_id": line_id, "invoice_id": vendor_invoice_id(source, period, row["currency"], batch), **row}
    )
    return line_id


def add_invoice_line(book: Book, period: str, row: Row) -> str:
    """Land a client invoice line with the next id; the id is returned."""
    rows = book.rows(period, PSA, INVOICE_LINES)
    line_id = f"{period.replace('-', '')}{len(rows) + 1:05d}"
    rows.append(
        {
            "invoice_line_id": line_id,
            "invoice_id": f"INV {period} {row['client_id']}",
            "description": f"{row['product_code']}, {period}" if len(rows) % 2 else None,
            "invoice_date": day_of(period, 28),
            "due_date": day_of(next_period(period), 28) if len(rows) % 3 else None,
            **row,
        }
    )
    return str(rows[-1]["invoice_line_id"])


def make_book(msp_id: str, name: str, rng: Random, periods: list[str], clients: int, aside: Random) -> Book:
    """Build the clean book of one MSP; what enters no key, or comes late to it, is drawn from ``aside``, so
    that the rest stays what the seed always made.
    """
    book = Book(msp_id, name, periods)
    catalogue = make_catalogue(rng, periods)
    parties = make_parties(rng, clients)
    context = Context(rng, catalogue, periods)
    book.rules["client_map"] = client_map_rows(parties)
    book.rules["sku_map"] = sku_map_rows()
    book.rules["metering"] = metering_rows()
    book.rules["cost_list"] = cost_list_rows(catalogue)
    deals = _deal_out(context, parties)
    if len(parties) > 1:
        moved, customer, day = reassigned(context, parties[0], parties[1])
        deals += moved
        for party, since, until in ((parties[0], None, day), (parties[1], day, None)):
            book.rules["client_map"].append(map_row("pax8", customer, party.client_id, since, until))
    accounts = [make_account(party, catalogue, periods, rng) for party in _some(rng, parties)]
    for period in periods:
        _land_psa_lists(book, period, parties)
        _land_vendors(book, period, deals, accounts, parties, catalogue, rng)
        _land_invoices(book, period, deals, accounts, parties, rng)
    _repeat_yearly_line(book)
    _land_aside(book, parties, catalogue, aside)
    return book


def _land_aside(book: Book, parties: list[Party], catalogue: Catalogue, rng: Random) -> None:
    """Own seats, trials and ignored customers; and what one source bills and another counts, on invoices that
    number their lines alike.
    """
    add_elsewhere(catalogue, rng)
    context = Context(rng, catalogue, book.periods, serial=9000)
    book.rules["client_map"] += aside_rules()
    for party in {party.client_id: party for party in (parties[0], parties[-1])}.values():
        deal, customer = counted_elsewhere(context, party)
        book.rules["client_map"] += [map_row(s, customer, party.client_id) for s in ("pax8", "huntress")]
        subs = _subscriptions([deal])
        for period in book.periods:
            for sub in subs:
                for row in vendor_rows(sub, catalogue, period, period == book.periods[0]):
                    add_vendor_line(book, period, sub.sku.source, row)
            for source, row in snapshot_rows(subs, period, rng):
                book.rows(period, source, LICENSE_COUNTS).append(row)
            book.rows(period, PSA, AGREEMENTS).extend(agreement_rows(deal, period))
            for number, row in enumerate(invoice_rows(deal, period), start=1):
                invoice_id = f"MDR {period} {party.client_id}"
                add_invoice_line(
                    book, period, {**row, "invoice_line_id": str(number), "invoice_id": invoice_id}
                )
    for period in book.periods:
        for source, row in aside_lines(parties[0], catalogue, period, rng):
            add_vendor_line(book, period, source, row)
        for source, row in aside_counts(parties[0], period, rng):
            book.rows(period, source, LICENSE_COUNTS).append(row)


def _deal_out(context: Context, parties: list[Party]) -> list[Deal]:
    """Every archetype at least once, and each client several."""
    deals: list[Deal] = []
    had: set[tuple[int, int]] = set()
    for turn in range(max(len(ARCHETYPES), DEALS_PER_CLIENT * len(parties))):
        party, kind = turn % len(parties), turn % len(ARCHETYPES)
        while (party, kind) in had:
            kind = (kind + 1) % len(ARCHETYPES)
        had.add((party, kind))
        deals += ARCHETYPES[kind](context, parties[party])
    return deals


def _some(rng: Random, parties: list[Party]) -> list[Party]:
    """At least one client, at most half of them."""
    return sorted(rng.sample(parties, max(1, len(parties) // 2)), key=lambda party: party.client_id)


def _land_psa_lists(book: Book, period: str, parties: list[Party]) -> None:
    book.rows(period, PSA, CLIENTS).extend(client_rows(parties))
    book.rows(period, PSA, PRODUCTS).extend(product_rows())


def _subscriptions(deals: list[Deal]) -> list[Subscription]:
    return [sub for deal in deals for cohort in deal.cohorts for sub in cohort.subscriptions]


def _land_vendors(
    book: Book,
    period: str,
    deals: list[Deal],
    accounts: list[CloudAccount],
    parties: list[Party],
    catalogue: Catalogue,
    rng: Random,
) -> None:
    subs = _subscriptions(deals)
    for sub in subs:
        for row in vendor_rows(sub, catalogue, period, period == book.periods[0]):
            add_vendor_line(book, period, sub.sku.source, row, "/A" if sub.billing == "advance" else "")
    for account in accounts:
        for row in account.landed[period]:
            add_vendor_line(book, period, "microsoft", row)
    for party in {party.currency: party for party in parties}.values():
        for row in vendor_fee_rows(party, catalogue.skus["pack"].sku_id, period, rng):
            add_vendor_line(book, period, "pax8", row)
    for source, row in snapshot_rows(subs, period, rng):
        book.rows(period, source, LICENSE_COUNTS).append(row)


def _land_invoices(
    book: Book,
    period: str,
    deals: list[Deal],
    accounts: list[CloudAccount],
    parties: list[Party],
    rng: Random,
) -> None:
    for deal in deals:
        agreed = list(agreement_rows(deal, period))
        book.rows(period, PSA, AGREEMENTS).extend(agreed)
        if deal is deals[0]:
            book.rows(period, PSA, AGREEMENTS).append(_never_in_force(agreed[0], period))
        for row in invoice_rows(deal, period):
            add_invoice_line(book, period, row)
    for account in accounts:
        for row in cloud_invoice_rows(account, period):
            add_invoice_line(book, period, row)
    for party in parties[::2]:
        for row in project_rows(party, period, rng):
            add_invoice_line(book, period, row)


def _never_in_force(agreement: Row, period: str) -> Row:
    """An agreement line that begins and ends on one day, so its price and foreign
    currency must never matter.
    """
    day = day_of(period, 10)
    return {
        **agreement,
        "agreement_line_id": "zz-void",
        "unit_price": Decimal(99999),
        "currency": "CHF",
        "effective_start": day,
        "effective_end": day,
    }


def _repeat_yearly_line(book: Book) -> None:
    """Land one prepaid client line again a month later with equal content: it is the
    same record (contract §2).
    """
    if len(book.periods) < 2:
        return
    first, second = book.periods[:2]
    yearly = [
        row for row in book.rows(first, PSA, INVOICE_LINES) if row["product_code"] in ("TRAINING", "EX-Y")
    ]
    book.rows(second, PSA, INVOICE_LINES).append(dict(yearly[0]))
