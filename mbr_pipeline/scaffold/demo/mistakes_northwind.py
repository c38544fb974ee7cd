"""Northwind's mistakes: each one's story, the finding it must yield, and the amount worked by hand from the
contract.

What belongs here: services whose legs disagree and edits of correct months, beside the findings they cause.
What does not: the correct months (``months``). ``D`` is the number of days of the period. Amounts follow
contract §4 and §5.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mbr_pipeline.scaffold.demo.model import AUGUST, OCTOBER, SEPTEMBER, Month, Months, Plant, Planted, Service, VendorCharge, day, end_day, first_day, starting, steady
from mbr_pipeline.scaffold.demo.correct_months import one_time_line
from mbr_pipeline.scaffold.demo.northwind import MSP


def _found(
    period: str, code: str, client: str | None, product: str | None, column: str | None = None, amount: str = "0.00"
) -> Planted:
    return Planted(MSP, period, code, client, product, column, Decimal(amount))


def _charge(month: Month, source: str, sku_id: str, subscriber: str) -> VendorCharge:
    return next(
        charge
        for charge in month.charges[source]
        if charge.sku_id == sku_id and charge.vendor_customer_name == subscriber
    )


def _bill_exchange_twice(months: Months) -> None:
    charges = months[AUGUST].charges["pax8"]
    charges.append(replace(_charge(months[AUGUST], "pax8", "CFQ7TTC0LH16:0001", "Cascade Orchard Supply")))


def _swap_digits(months: Months) -> None:
    months[AUGUST].client_line("C1018", "M365-BP").amount = Decimal("817.20")


def _forget_render_machine(months: Months) -> None:
    line = months[AUGUST].client_line("C1007", "AZURE")
    line.unit_price = line.amount = Decimal("438.04")


def _bill_storage_overage(months: Months) -> None:
    month = months[AUGUST]
    block = _charge(month, "acronis", "SRDBMSENS-100", "Fairhaven Community Bank")
    month.charges["acronis"].append(
        replace(
            block,
            sku_id="SRDBMSOVR",
            sku_name="Hosted storage, overage per GB",
            charge_category="usage",
            charge_type="overage",
            quantity=Decimal(120),
            unit_cost=Decimal("0.055"),
            amount=Decimal("6.60"),
        )
    )


def _mistotal_line(months: Months) -> None:
    _charge(months[AUGUST], "acronis", "SPDBMSENS", "Lakeview Montessori School").amount = Decimal("86.00")


def _bill_august_seats_late(months: Months) -> None:
    month = months[SEPTEMBER]
    seats = _charge(month, "pax8", "CFQ7TTC0LCHC:0002", "Quarry Road Brewing")
    month.charges["pax8"].append(
        replace(
            seats,
            charge_type="prorate",
            quantity=Decimal(5),
            unit_cost=Decimal("13.2710"),  # 18.70 x 22 / 31
            amount=Decimal("66.355"),
            charge_period_start=day("2026-08-10"),
            charge_period_end=day("2026-09-01"),
        )
    )


def _keep_old_price(months: Months) -> None:
    line = months[SEPTEMBER].client_line("C1001", "M365-BS")
    line.unit_price, line.amount = Decimal("15.00"), Decimal("270.00")
    line.agreement_line_id = months[AUGUST].client_line("C1001", "M365-BS").agreement_line_id


def _repeat_september_cloud_amount(months: Months) -> None:
    line = months[OCTOBER].client_line("C1011", "AZURE")
    line.unit_price = line.amount = months[SEPTEMBER].client_line("C1011", "AZURE").amount


def _truncate_prorated_line(months: Months) -> None:
    lines = months[OCTOBER].invoice_lines
    next(x for x in lines if x.service_period_start == day("2026-10-13")).amount = Decimal("129.44")


def _sell_log_monitoring_unmapped(months: Months) -> None:
    month = months[OCTOBER]
    edr = _charge(month, "huntress", "edr", "Salish Wealth Advisors")
    month.charges["huntress"].append(
        replace(
            edr,
            sku_id="siem",
            sku_name="Managed SIEM",
            subscription_id="SUB-51090417",
            quantity=Decimal(12),
            unit_cost=Decimal("6.50"),
            amount=Decimal("78.00"),
        )
    )


def _raise_firewall_price(months: Months) -> None:
    for charge in months[OCTOBER].charges["pax8"]:
        if charge.sku_id == "WG-FBX-MSSP":
            charge.unit_cost = Decimal("41.50")
            charge.amount = charge.quantity * charge.unit_cost


def _tax_every_backup_bill(months: Months) -> None:
    for month in months.values():
        charges = month.charges["acronis"]
        charges.append(_sundry(charges[0], month.period, "tax", "Sales tax", "31.20"))


def _credit_over_billed_agents(months: Months) -> None:
    month = months[OCTOBER]
    agents = _charge(month, "huntress", "edr", "Olympic Title & Escrow")
    month.charges["huntress"].append(_sundry(agents, OCTOBER, "credit", "September agents", "-11.00"))


def _sundry(like: VendorCharge, period: str, category: str, text: str, amount: str) -> VendorCharge:
    return replace(
        like,
        sku_id=category,
        sku_name=text,
        subscription_id="",
        charge_category=category,
        charge_type=category,
        term="",
        quantity=Decimal(1),
        unit_cost=Decimal(amount),
        amount=Decimal(amount),
        charge_period_start=first_day(period),
        charge_period_end=end_day(period),
    )


def _sell_one_time_work(months: Months) -> None:
    month = months[AUGUST]
    seats = _charge(month, "pax8", "CFQ7TTC0LDPB:0001", "Maple Ridge Builders")
    appliance = _sundry(seats, AUGUST, "one_time", "Firewall appliance", "640.00")
    month.charges["pax8"].append(replace(appliance, sku_id="WG-T45", charge_type="hardware"))
    month.invoice_lines.append(one_time_line("C1013", "HARDWARE", "1", "890.00", "USD", day("2026-08-19")))
    month.invoice_lines.append(one_time_line("C1013", "LABOUR", "6.5", "150.00", "USD", day("2026-08-19")))
    months[OCTOBER].invoice_lines.append(one_time_line("C1021", "LABOUR", "12", "150.00", "USD", day("2026-10-02")))


_AUGUST_PLANTS = (
    # Four mailboxes were opened in August; nobody told billing until September.
    # No price agreed, none invoiced: the list price. 4.80 x 4 x 31 / 31 = 19.20.
    Plant(
        (_found(AUGUST, "UNBILLED_PRODUCT", "C1013", "EXO-P1", "client_recoverable", "19.20"),),
        services=(Service("C1013", "EXO-P1", starting(("2026-08-01", 4)), sold=starting(("2026-09-01", 4))),),
    ),
    # Four seats from 17 August are on the invoice for the whole month.
    # Expected 12 x 31 + 4 x 15 = 432 unit-days, invoiced 16 x 31 = 496: 15.00 x 64 / 31 = 30.967... = 30.97.
    Plant(
        (_found(AUGUST, "MID_PERIOD_CHANGE_NOT_PRORATED", "C1005", "M365-BS", "client_refund", "30.97"),),
        services=(Service("C1005", "M365-BS", steady(12, ("2026-08-17", 16)), sold=steady(12, ("2026-08-01", 16))),),
    ),
    # 33 x 26.40 = 871.20 was typed as 817.20: 54.00 short.
    Plant(
        (_found(AUGUST, "INVOICE_AMOUNT_MISMATCH", "C1018", "M365-BP", "client_recoverable", "54.00"),),
        edit=_swap_digits,
    ),
    # A third machine started on 24 August and was left out of the cost passed on. A day costs 48 x 0.1920 +
    # 512 x 0.0026 + 20 x 0.0870 = 12.2872; the machine 24 x 0.1920 = 4.608 for 8 days. Expected (31 x 12.2872
    # + 36.864) x 1.15 = 480.43; invoiced 31 x 12.2872 x 1.15 = 438.04, above the cost of 417.77.
    Plant(
        (_found(AUGUST, "COST_PLUS_UNDERBILLED", "C1007", "AZURE", "client_recoverable", "42.39"),),
        edit=_forget_render_machine,
    ),
    # The distributor's invoice has the twelve mailboxes twice: 12 x 3.40.
    Plant(
        (_found(AUGUST, "DUPLICATE_VENDOR_CHARGE", "C1003", "EXO-P1", "vendor_claim", "40.80"),),
        edit=_bill_exchange_twice,
    ),
    # 120 GB above the storage plan are billed as usage, which no metering rule passes on: 120 x 0.055.
    Plant(
        (_found(AUGUST, "USAGE_NOT_METERED", "C1006", "BKP-GB", "priced_at_cost", "6.60"),),
        edit=_bill_storage_overage,
    ),
    # 20 devices at 3.80 are 76.00; the vendor's line says 86.00.
    Plant(
        (_found(AUGUST, "VENDOR_AMOUNT_MISMATCH", "C1012", "BKP-DEV", "vendor_claim", "10.00"),),
        edit=_mistotal_line,
    ),
    # Five seats exist since 10 August; the distributor bills them from September on and their August days
    # late. August: entitled 19, billed 14: 5 x 18.70 = 93.50 (cost list). September: 26.40 x 5 x 22 / 31 =
    # 93.677... = 93.68.
    Plant(
        (
            _found(AUGUST, "VENDOR_QUANTITY_UNDER", "C1017", "M365-BP", "vendor_liability", "93.50"),
            _found(SEPTEMBER, "LATE_CHARGE", "C1017", "M365-BP", "client_recoverable", "93.68"),
        ),
        services=(
            Service(
                "C1017",
                "M365-BP",
                provisioned=steady(14, ("2026-08-10", 19)),
                billed=steady(14, ("2026-09-01", 19)),
                sold=steady(14, ("2026-09-01", 19)),
            ),
        ),
        edit=_bill_august_seats_late,
    ),
    # Fifteen seats are paid for and eleven used, month after month: 4 x 18.70 each time.
    Plant(
        tuple(
            _found(period, "UNUSED_LICENSES", "C1008", "M365-BP", "stranded", "74.80")
            for period in (AUGUST, SEPTEMBER, OCTOBER)
        ),
        services=(Service("C1008", "M365-BP", steady(15), assigned=11),),
    ),
)

_SEPTEMBER_PLANTS = (
    # Three seats were added on 11 September and never invoiced; the agreement follows in October.
    # Expected 22 x 30 + 3 x 20 = 720 unit-days, invoiced 660: 26.40 x 60 / 30 = 52.80.
    Plant(
        (_found(SEPTEMBER, "UNDERBILLED_QUANTITY", "C1002", "M365-BP", "client_recoverable", "52.80"),),
        services=(Service("C1002", "M365-BP", steady(22, ("2026-09-11", 25)), sold=steady(22, ("2026-10-01", 25))),),
    ),
    # Defender came with Business Premium and was cancelled at the vendor from September.
    # The invoice kept it: 3.60 x 14.
    Plant(
        (_found(SEPTEMBER, "BILLED_NOT_PROVIDED", "C1010", "DEF-BUS", "client_refund", "50.40"),),
        services=(Service("C1010", "DEF-BUS", steady(14, ("2026-09-01", 0)), sold=steady(14, ("2026-10-01", 0))),),
    ),
    # The backup agreement ran out on 1 September, the vendor's subscription a month later: 8.00 x 9.
    Plant(
        (_found(SEPTEMBER, "AGREEMENT_ENDED", "C1016", "BKP-DEV", "client_recoverable", "72.00"),),
        services=(Service("C1016", "BKP-DEV", steady(9, ("2026-10-01", 0)), sold=steady(9, ("2026-09-01", 0))),),
    ),
    # The agreement went from 15.00 to 16.50 on 1 September; the invoice still has the old price: 18 x 1.50.
    Plant(
        (_found(SEPTEMBER, "INVOICE_PRICE_MISMATCH", "C1001", "M365-BS", "client_recoverable", "27.00"),),
        services=(Service("C1001", "M365-BS", steady(18), prices=(("2026-09-01", "16.50"),)),),
        edit=_keep_old_price,
    ),
    # A new client is provisioned in September; the map knows it from October: 6 x 18.70 without a home.
    Plant(
        (_found(SEPTEMBER, "UNMAPPED_CUSTOMER", None, None, "priced_at_cost", "112.20"),),
        services=(Service("C1021", "M365-BP", starting(("2026-09-01", 6)), sold=starting(("2026-10-01", 6))),),
    ),
    # 36 agents run, 40 are billed in September: 4 x 2.75, credited in October (below).
    Plant(
        (_found(SEPTEMBER, "VENDOR_QUANTITY_OVER", "C1015", "EDR", "vendor_claim", "11.00"),),
        services=(Service("C1015", "EDR", steady(36), billed=steady(36, ("2026-09-01", 40), ("2026-10-01", 36))),),
    ),
)

_OCTOBER_PLANTS = (
    # Three people left; the vendor bills 28 from October, the invoice keeps 31: 26.40 x 3.
    Plant(
        (_found(OCTOBER, "OVERBILLED_QUANTITY", "C1009", "M365-BP", "client_refund", "79.20"),),
        services=(Service("C1009", "M365-BP", steady(31, ("2026-10-01", 28)), sold=steady(31)),),
    ),
    # Eight seats from 13 October: 26.40 x 8 x 19 / 31 = 129.445..., which is 129.45; the PSA cut it to
    # 129.44.
    Plant(
        (_found(OCTOBER, "ROUNDING", "C1014", "M365-BP", "client_recoverable", "0.01"),),
        services=(Service("C1014", "M365-BP", steady(18, ("2026-10-13", 26)), site="South Bay"),),
        edit=_truncate_prorated_line,
    ),
    # A charity price of 3.20 was agreed for October; the mailbox costs 3.40: 80.00 invoiced against 85.00.
    Plant(
        (_found(OCTOBER, "SOLD_BELOW_COST", "C1020", "EXO-P1"),),
        services=(Service("C1020", "EXO-P1", steady(25), prices=(("2026-10-01", "3.20"),)),),
    ),
    # One machine was switched off on 1 October; September's amount was invoiced again.
    # September: 30 x (72 x 0.1920 + 1024 x 0.0026 + 35 x 0.0870 = 19.5314) x 1.15 = 673.83.
    # October: 31 x (19.5314 - 24 x 0.1920 = 14.9234) x 1.15 = 532.02. Difference 141.81.
    Plant(
        (_found(OCTOBER, "COST_PLUS_OVERBILLED", "C1011", "AZURE", "client_refund", "141.81"),),
        edit=_repeat_september_cloud_amount,
    ),
    # A new vendor product that sku_map does not know: 12 x 6.50.
    Plant(
        (_found(OCTOBER, "UNMAPPED_SKU", None, None, "priced_at_cost", "78.00"),),
        edit=_sell_log_monitoring_unmapped,
    ),
    # The firewall subscription went from 38.00 to 41.50 unannounced: 3.50 for each of the two, one and one.
    Plant(
        (
            _found(OCTOBER, "VENDOR_PRICE_CHANGE", "C1006", "MFW", "vendor_claim", "7.00"),
            _found(OCTOBER, "VENDOR_PRICE_CHANGE", "C1007", "MFW", "vendor_claim", "3.50"),
            _found(OCTOBER, "VENDOR_PRICE_CHANGE", "C1018", "MFW", "vendor_claim", "3.50"),
        ),
        edit=_raise_firewall_price,
    ),
)

_HARMLESS = (
    # Excluded by category, outside the invoice total where it is tax: none of these may yield a finding.
    Plant((), edit=_tax_every_backup_bill),
    Plant((), edit=_credit_over_billed_agents),
    Plant((), edit=_sell_one_time_work),
)

PLANTS = _AUGUST_PLANTS + _SEPTEMBER_PLANTS + _OCTOBER_PLANTS + _HARMLESS
