"""Turns a provider's services into the three months that land: vendor bill, seat counts, agreements, client
invoice.

What belongs here: the arithmetic of a correct month, following contract §4 so that legs which agree yield no
finding. What does not: mistakes (``mistakes_*`` edit the result) and files (``layout``).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from mbr_pipeline.scaffold.demo.identifiers import subscription_id, vendor_customer_id, vendor_customer_name
from mbr_pipeline.scaffold.demo.model import PERIODS, AgreementLine, Client, CloudUse, InvoiceLine, LicenseCount, Month, Months, Plant, Provider, Service, Sku, Timeline, VendorCharge, VendorInvoice, end_day, first_day, half_up, quantity_on

CLOUD_PRODUCT = "AZURE"
BILLS_WITHOUT_INVOICE = ("azure",)
"""Sources whose charges come without invoice headers, so that nothing is there to tie them to."""

_Segment = tuple[int, date, date]


def build(provider: Provider, mistakes: tuple[Plant, ...]) -> Months:
    """Return a provider's landed months: correct ones, then each plant's edit, then numbers and invoice
    totals.

    Args:
        provider: the catalogue.
        mistakes: the mistakes; their services take part like any other.

    Returns:
        The months by period.
    """
    services = provider.services + tuple(service for plant in mistakes for service in plant.services)
    services = tuple(sorted(services, key=lambda service: service.client_id))
    months = {period: _month(provider, services, period) for period in PERIODS}
    for plant in mistakes:
        if plant.edit:
            plant.edit(months)
    for month in months.values():
        _number(month)
        _total(month, provider.currency)
    return months


def _month(provider: Provider, services: tuple[Service, ...], period: str) -> Month:
    month = Month(period)
    clients = {client.client_id: client for client in provider.clients}
    for service in services:
        client = clients[service.client_id]
        sku = provider.sku_for(service.product_code)
        if sku:
            month.charges.setdefault(sku.source, []).extend(_charges(provider, service, client, sku, period))
            if sku.counted:
                month.counts.setdefault(sku.source, []).extend(_counts(service, client, sku, period))
        month.agreements.extend(_agreement_lines(provider, service, period))
        month.invoice_lines.extend(_invoice_lines(provider, service, period))
    for use in provider.cloud:
        month.charges.setdefault("azure", []).extend(_usage(provider, use, clients[use.client_id], period))
    month.invoice_lines.extend(_cloud_invoice_lines(provider, month))
    return month


def _segments(timeline: Timeline, period: str) -> list[_Segment]:
    """Return what is billed in a period: its first day's quantity for all of it, each later addition for its
    days.
    """
    start, end = first_day(period), end_day(period)
    segments = [(quantity_on(timeline, start), start, end)]
    before = segments[0][0]
    for step in timeline:
        if start < step.start < end:
            segments.append((step.quantity - before, step.start, end))
            before = step.quantity
    return [segment for segment in segments if segment[0] > 0]


def _year_from(start: date) -> date:
    return start.replace(year=start.year + 1)


def _days(start: date, end: date) -> int:
    return (end - start).days


def _charges(provider: Provider, service: Service, client: Client, sku: Sku, period: str) -> list[VendorCharge]:
    timeline = service.billed or service.provisioned
    whole = _days(first_day(period), end_day(period))
    charges = []
    for quantity, start, end in _segments(timeline, period):
        unit_cost, stop = sku.cost, end
        if service.prepaid:
            if start != timeline[0].start:
                continue
            unit_cost, stop = sku.cost * 12, _year_from(start)
        elif _days(start, end) != whole:
            unit_cost = half_up(sku.cost * _days(start, end) / whole, 4)
        units = Decimal(quantity) / sku.units_per
        charges.append(
            VendorCharge(
                line_id="",
                invoice_id="",
                vendor_customer_id=vendor_customer_id(sku.source, client, service.site),
                vendor_customer_name=vendor_customer_name(client, service.site),
                sku_id=sku.sku_id,
                sku_name=sku.name,
                subscription_id=subscription_id(sku.source, client, sku.sku_id, sku.term, service.site),
                charge_category="recurring",
                charge_type="subscription" if unit_cost == sku.cost or service.prepaid else "prorate",
                term=sku.term,
                quantity=units,
                unit_cost=unit_cost,
                amount=units * unit_cost,
                currency=provider.currency,
                charge_period_start=start,
                charge_period_end=stop,
            )
        )
    return charges


def snapshot_days(period: str) -> tuple[date, date, date]:
    """Return the days on which vendors count seats: the first, the fifteenth and the last of the month."""
    start = first_day(period)
    return start, start.replace(day=15), end_day(period) - timedelta(days=1)


def _counts(service: Service, client: Client, sku: Sku, period: str) -> list[LicenseCount]:
    counts = []
    for when in snapshot_days(period):
        entitled = quantity_on(service.provisioned, when)
        assigned = None
        if sku.assigned_known:
            assigned = Decimal(entitled if service.assigned is None else service.assigned)
        if entitled:
            customer = vendor_customer_id(sku.source, client, service.site)
            counts.append(LicenseCount(customer, sku.sku_id, when, Decimal(entitled), assigned))
    return counts


def _prices(provider: Provider, service: Service) -> list[tuple[date, Decimal]]:
    prices = [(date.fromisoformat(start), Decimal(price)) for start, price in service.prices]
    usual = provider.product(service.product_code).price
    return ([(date.min, usual)] if usual is not None else []) + prices


def _price_on(provider: Provider, service: Service, when: date) -> Decimal:
    return [price for start, price in _prices(provider, service) if start <= when][-1]


def _agreement_starts(provider: Provider, service: Service) -> list[date]:
    timeline = service.sold or service.provisioned
    changes = {step.start for step in timeline}
    changes |= {start for start, _ in _prices(provider, service) if start > timeline[0].start}
    return sorted(changes)


def _agreement_line_id(provider: Provider, service: Service, when: date) -> str:
    level = sum(1 for start in _agreement_starts(provider, service) if start <= when)
    site = f"-{service.site[0].upper()}" if service.site else ""
    return f"AL-{service.client_id}-{service.product_code}{site}-{level}"


def _agreement_lines(provider: Provider, service: Service, period: str) -> list[AgreementLine]:
    """Return the agreement lines the PSA shows at a period's end: one for each quantity and price agreed so
    far.
    """
    timeline = service.sold or service.provisioned
    starts = [*_agreement_starts(provider, service), date.max]
    last_day = end_day(period) - timedelta(days=1)
    lines = []
    for start, stop in pairwise(starts):
        quantity = quantity_on(timeline, start)
        if quantity and start <= last_day:
            end = stop if stop <= last_day else None
            lines.append(
                AgreementLine(
                    agreement_line_id=_agreement_line_id(provider, service, start),
                    agreement_id=f"AG-{service.client_id}",
                    client_id=service.client_id,
                    product_code=service.product_code,
                    quantity=Decimal(quantity),
                    unit_price=_price_on(provider, service, start),
                    currency=provider.currency,
                    effective_start=start,
                    effective_end=_year_from(start) if service.prepaid else end,
                )
            )
    return lines


def _invoice_lines(provider: Provider, service: Service, period: str) -> list[InvoiceLine]:
    timeline = service.sold or service.provisioned
    whole = _days(first_day(period), end_day(period))
    lines = []
    for quantity, start, end in _segments(timeline, period):
        price = _price_on(provider, service, start)
        stop, amount = end, half_up(price * quantity * _days(start, end) / whole)
        if service.prepaid:
            if start != timeline[0].start:
                continue
            stop, amount = _year_from(start), half_up(price * quantity * 12)
        lines.append(
            InvoiceLine(
                invoice_line_id="",
                invoice_id="",
                client_id=service.client_id,
                product_code=service.product_code,
                quantity=Decimal(quantity),
                unit_price=price,
                amount=amount,
                currency=provider.currency,
                service_period_start=start,
                service_period_end=stop,
                agreement_line_id=_agreement_line_id(provider, service, start),
                charge_category="recurring",
            )
        )
    return lines


def _usage(provider: Provider, use: CloudUse, client: Client, period: str) -> list[VendorCharge]:
    sku = next(sku for sku in provider.skus if sku.sku_id == use.sku_id)
    start, end = max(first_day(period), use.start), min(end_day(period), use.end)
    return [
        VendorCharge(
            line_id="",
            invoice_id="",
            vendor_customer_id=vendor_customer_id(sku.source, client),
            vendor_customer_name=vendor_customer_name(client),
            sku_id=sku.sku_id,
            sku_name=sku.name,
            subscription_id=use.resource,
            charge_category="usage",
            charge_type="usage",
            term="",
            quantity=use.daily,
            unit_cost=sku.cost,
            amount=use.daily * sku.cost,
            currency=provider.currency,
            charge_period_start=start + timedelta(days=n),
            charge_period_end=start + timedelta(days=n + 1),
        )
        for n in range(_days(start, end))
    ]


def _cloud_invoice_lines(provider: Provider, month: Month) -> list[InvoiceLine]:
    """Return one line per cloud client: the month's cost and the agreed markup (contract §4.3)."""
    lines = []
    for client in provider.clients:
        customer = vendor_customer_id("azure", client)
        cost = sum((c.amount for c in month.charges.get("azure", []) if c.vendor_customer_id == customer), Decimal(0))
        if cost:
            amount = half_up(cost * (100 + provider.cloud_markup_pct) / 100)
            lines.append(cloud_invoice_line(client.client_id, amount, provider.currency, month.period))
    return lines


def cloud_invoice_line(client_id: str, amount: Decimal, currency: str, period: str) -> InvoiceLine:
    """Return the invoice line that passes a month's cloud cost on as one amount."""
    return InvoiceLine(
        invoice_line_id="",
        invoice_id="",
        client_id=client_id,
        product_code=CLOUD_PRODUCT,
        quantity=Decimal(1),
        unit_price=amount,
        amount=amount,
        currency=currency,
        service_period_start=first_day(period),
        service_period_end=end_day(period),
        agreement_line_id="",
        charge_category="recurring",
    )


def one_time_line(client_id: str, code: str, quantity: str, price: str, currency: str, when: date) -> InvoiceLine:
    """Return a one-time invoice line, which is passed through and never reconciled (contract §3)."""
    return InvoiceLine(
        invoice_line_id="",
        invoice_id="",
        client_id=client_id,
        product_code=code,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        amount=Decimal(quantity) * Decimal(price),
        currency=currency,
        service_period_start=when,
        service_period_end=when,
        agreement_line_id="",
        charge_category="one_time",
    )


def _number(month: Month) -> None:
    stamp = month.period.replace("-", "")
    for source, charges in month.charges.items():
        for n, charge in enumerate(charges, 1):
            charge.invoice_id, charge.line_id = f"{source.upper()}-{stamp}", f"{n:04d}"
    month.invoice_lines.sort(key=lambda line: line.client_id)
    position: dict[str, int] = {}
    for line in month.invoice_lines:
        position[line.client_id] = n = position.get(line.client_id, 0) + 1
        line.invoice_id = f"INV-{stamp}-{line.client_id}"
        line.invoice_line_id = f"{line.invoice_id}-{n:02d}"


def _total(month: Month, currency: str) -> None:
    """Head each vendor bill with the total of its lines, all but tax (contract §5.5,
    ``CONTROL_TOTAL_MISMATCH``).
    """
    for source, charges in month.charges.items():
        if source not in BILLS_WITHOUT_INVOICE:
            total = sum((c.amount for c in charges if c.charge_category != "tax"), Decimal(0))
            issued = first_day(month.period) + timedelta(days=4)
            month.invoices[source] = [VendorInvoice(charges[0].invoice_id, issued, currency, half_up(total))]
