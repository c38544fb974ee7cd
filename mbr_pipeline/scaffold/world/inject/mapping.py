"""Findings for want of a rule (contract §5.3): customers, SKUs and products that no map names, and usage of a
product that is billed by seats.

What belongs here: records that no rule takes to a client's product. What does not: what is wrong with records
that a rule does (``vendor``, ``across``).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.scaffold.world.arithmetic import day_of, next_period, round_places
from mbr_pipeline.scaffold.world.inject.site import InjectionSite, Subject
from mbr_pipeline.scaffold.world.model import Size

AT_COST = "priced_at_cost"


def _usage(site: InjectionSite, subject: Subject, share: Fraction, number: int = 0) -> Decimal:
    """Land a usage line of eleven decimals that costs a share of the subject's month, in
    arrears; return its amount.
    """
    amount = round_places(Fraction(subject.cost) * subject.quantity * share * Fraction(1234567, 1234568), 11)
    last = next_period(site.period, -1)
    site.vendor(
        subject,
        1,
        day_of(last, 10 + number),
        day_of(last, 20),
        charge_category="usage",
        charge_type="Usage",
        amount=amount,
    )
    return amount


def unmapped_customer(site: InjectionSite, size: Size) -> None:
    """Charges for a customer that no rule maps: one line, also usage, also several lines and a snapshot."""
    known = site.healthy()
    ghost = replace(known, customer_id=f"ghost-{site.index}")
    _, total = site.vendor(ghost, 2)
    if size != "minor":
        total += _usage(site, ghost, Fraction(1, 3))
    if size == "gross":
        total += site.vendor(ghost, 90, charge_type="new")[1]
        site.snapshot(ghost, day_of(site.period, 7), 92)
    site.answer(
        "UNMAPPED_CUSTOMER",
        (AT_COST, site.money(total)),
        source=ghost.source,
        vendor_customer_id=ghost.customer_id,
    )


def unmapped_sku(site: InjectionSite, size: Size) -> None:
    """Charges of a SKU that no rule maps, for a mapped customer."""
    known = site.healthy()
    strange = replace(known, sku_id=f"strange-{site.index}")
    _, total = site.vendor(strange, 1 if size == "minor" else 12)
    if size != "minor":
        total += _usage(site, strange, Fraction(1, 7))
    if size == "gross":
        total += site.vendor(strange, 70, charge_type="new")[1]
        site.snapshot(strange, day_of(site.period, 7), 82, 82)
    site.answer("UNMAPPED_SKU", (AT_COST, site.money(total)), source=strange.source, sku_id=strange.sku_id)


def usage_not_metered(site: InjectionSite, size: Size) -> None:
    """Usage lines on a product that is billed by seats; the larger, the more of them."""
    subject = site.healthy()
    shares = {
        "minor": (Fraction(1, 50),),
        "typical": (Fraction(1, 3), Fraction(1, 7)),
        "gross": (Fraction(3, 2),),
    }[size]
    total = sum((_usage(site, subject, share, number) for number, share in enumerate(shares)), Decimal(0))
    site.key_answer("USAGE_NOT_METERED", subject, (AT_COST, site.money(total)))


def unmapped_product(site: InjectionSite, size: Size) -> None:
    """A service that no SKU is said to be: only agreed, invoiced and named by a rule gone by, or invoiced to
    three clients. Nothing can be compared, so nothing is refunded.
    """
    known = site.healthy()
    service = site.subject(client_id=known.client_id)
    (rule,) = (row for row in site.book.rules["sku_map"] if row["product_code"] == service.product_code)
    if size == "typical":
        rule["valid_to"] = site.first
    else:
        site.book.rules["sku_map"].remove(rule)
    site.agreement(service)
    if size != "minor":
        site.invoice(service)
    if size == "gross":
        for _ in range(2):
            site.invoice(replace(service, client_id=site.healthy().client_id))
    site.answer("UNMAPPED_PRODUCT", product_code=service.product_code)
