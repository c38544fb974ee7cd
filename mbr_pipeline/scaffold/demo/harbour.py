"""Harbour Managed Services: twelve clients in pounds, buying from Microsoft directly, Huntress and Acronis.

What belongs here: this provider's clients, products, vendor SKUs and the services that are as they should be.
What does not: services whose legs disagree (``plants_harbour``). Every company is invented; prices are
plausible, not quoted.
"""

from __future__ import annotations

from decimal import Decimal

from mbr_pipeline.scaffold.demo.model import Client, Metering, Product, Provider, Service, Sku, starting, steady, steady_services

MSP = "harbour"

CLIENTS = (
    Client("H-01", "Abbotsford Surveyors Ltd"),
    Client("H-02", "Brightwell Lettings"),
    Client("H-03", "Calder Vale Joinery"),
    Client("H-04", "Dunmore Accountants LLP"),
    Client("H-05", "Eastgate Dental Practice"),
    Client("H-06", "Fenwick & Lyle Solicitors"),
    Client("H-07", "Greystone Haulage Ltd"),
    Client("H-08", "Hollybank Care Homes"),
    Client("H-09", "Inverleith Recruitment"),
    Client("H-10", "Kingsferry Marine"),
    Client("H-11", "Larkfield Academy Trust"),
    Client("H-12", "Moorside Foods"),
)

PRODUCTS = (
    Product("M365-BP", "Microsoft 365 Business Premium (monthly)", Decimal("21.70")),
    Product("M365-BP-A", "Microsoft 365 Business Premium (annual, prepaid)", Decimal("18.10")),
    Product("M365-E3", "Microsoft 365 E3", Decimal("38.50")),
    Product("EXO-P1", "Exchange Online mailbox", Decimal("4.10")),
    Product("TEAMS-PH", "Teams Phone", Decimal("9.00")),
    Product("EDR", "Endpoint detection and response", Decimal("4.75")),
    Product("ITDR", "Identity threat detection", Decimal("3.20")),
    Product("BKP-DEV", "Backup per device", Decimal("6.50")),
    Product("BKP-GB", "Backup storage per GB", Decimal("0.075")),
    Product("MSUP", "Managed Support per user", Decimal("42.00"), vendor_backed=False),
    Product("LABOUR", "Engineer hour", Decimal("95.00"), vendor_backed=False),
)

_PREMIUM = "CFQ7TTC0LCHC/0002"

SKUS = (
    Sku("microsoft", _PREMIUM, "Microsoft 365 Business Premium", "M365-BP", Decimal("16.20"), "P1M", 1, True, True),
    Sku("microsoft", _PREMIUM, "Microsoft 365 Business Premium", "M365-BP-A", Decimal("13.50"), "P1Y", 1, True, True),
    Sku("microsoft", "CFQ7TTC0LFLX/0001", "Microsoft 365 E3", "M365-E3", Decimal("30.10"), "P1M", 1, True, True),
    Sku("microsoft", "CFQ7TTC0LH16/0001", "Exchange Online (Plan 1)", "EXO-P1", Decimal("2.95"), "P1M", 1, True, True),
    Sku(
        "microsoft",
        "CFQ7TTC0LHXM/0001",
        "Microsoft Teams Phone Standard",
        "TEAMS-PH",
        Decimal("5.80"),
        "P1M",
        1,
        True,
        True,
    ),
    Sku("huntress", "edr", "Managed EDR", "EDR", Decimal("2.20"), counted=True),
    Sku("huntress", "itdr", "Managed ITDR", "ITDR", Decimal("1.60"), counted=True),
    Sku("acronis", "SPDBMSENS", "Cyber Protect, workstation", "BKP-DEV", Decimal("3.10")),
    Sku("acronis", "SRDBMSENS-100", "Hosted storage, 100 GB block", "BKP-GB", Decimal("4.20"), units_per=100),
)

_STEADY = {
    "H-01": "M365-BP 12, EDR 14, MSUP 12",
    "H-02": "M365-BP 9, TEAMS-PH 9, MSUP 9",
    "H-03": "M365-BP 6, EXO-P1 14, BKP-DEV 12, MSUP 6",
    "H-04": "ITDR 21, MSUP 21",
    "H-05": "M365-BP 17, EDR 18, ITDR 18, MSUP 17",
    "H-06": "M365-E3 32, EDR 34, BKP-GB 1800, MSUP 32",
    "H-07": "EDR 30, MSUP 26",
    "H-08": "EXO-P1 60, EDR 35, MSUP 22",
    "H-09": "M365-BP 15, ITDR 15, MSUP 15",
    "H-10": "M365-BP 8, EXO-P1 11, BKP-DEV 5, MSUP 8",
    "H-11": "M365-BP 5, EDR 70, BKP-GB 3200, MSUP 65",
    "H-12": "M365-BP 19, EDR 22, BKP-DEV 7, MSUP 19",
}

_CHANGING = (
    # Three drivers' seats from 15 September, prorated alike on both sides.
    Service("H-07", "M365-BP", provisioned=steady(26, ("2026-09-15", 29))),
    # A year paid up front in August by the provider and by the school.
    Service("H-11", "M365-BP-A", provisioned=starting(("2026-08-01", 60)), prepaid=True),
)

METERING = (
    Metering("EDR", "entitled", count_source="huntress"),
    Metering("TEAMS-PH", "assigned", margin_floor_pct="20", count_source="microsoft"),
    Metering("MSUP", "agreement"),
)

PROVIDER = Provider(
    msp_id=MSP,
    currency="GBP",
    clients=CLIENTS,
    products=PRODUCTS,
    skus=SKUS,
    services=steady_services(_STEADY) + _CHANGING,
    metering=METERING,
    listed=("microsoft", "huntress"),
)
