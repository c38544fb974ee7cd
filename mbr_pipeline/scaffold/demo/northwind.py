"""Northwind IT: twenty-one clients in US dollars, buying from Pax8, Huntress, Acronis and a cloud platform.

What belongs here: this provider's clients, products, vendor SKUs and the services that are as they should be.
What does not: services whose legs disagree (``plants_northwind``). Every company is invented; prices are
plausible, not quoted.
"""

from __future__ import annotations

from decimal import Decimal

from mbr_pipeline.scaffold.demo.model import Client, CloudUse, Metering, Product, Provider, Service, Sku, day, starting, steady, steady_services

MSP = "northwind"

CLIENTS = (
    Client("C1001", "Alder & Finch Architects"),
    Client("C1002", "Bluewater Dental Group"),
    Client("C1003", "Cascade Orchard Supply"),
    Client("C1004", "Delridge Family Law"),
    Client("C1005", "Evergreen Veterinary Clinic"),
    Client("C1006", "Fairhaven Community Bank"),
    Client("C1007", "Granite Peak Engineering"),
    Client("C1008", "Harper Street Bakery"),
    Client("C1009", "Ironwood Machine Works"),
    Client("C1010", "Juniper Physical Therapy"),
    Client("C1011", "Kestrel Freight & Logistics"),
    Client("C1012", "Lakeview Montessori School"),
    Client("C1013", "Maple Ridge Builders"),
    Client("C1014", "Northgate Auto Group"),
    Client("C1015", "Olympic Title & Escrow"),
    Client("C1016", "Pinecrest Senior Living"),
    Client("C1017", "Quarry Road Brewing"),
    Client("C1018", "Rainier Insurance Partners"),
    Client("C1019", "Salish Wealth Advisors"),
    Client("C1020", "Tidewater Food Alliance"),
    Client("C1021", "Summit Trail Outfitters", since="2026-10"),
    Client("C1099", "Vashon Ferry Tours", status="inactive"),
)

PRODUCTS = (
    Product("M365-BP", "Microsoft 365 Business Premium (monthly)", Decimal("26.40")),
    Product("M365-BP-A", "Microsoft 365 Business Premium (annual, prepaid)", Decimal("22.00")),
    Product("M365-BS", "Microsoft 365 Business Standard", Decimal("15.00")),
    Product("EXO-P1", "Exchange Online mailbox", Decimal("4.80")),
    Product("DEF-BUS", "Defender for Business", Decimal("3.60")),
    Product("MFW", "Managed firewall", Decimal("95.00")),
    Product("VOIP", "Phone system seat", Decimal("22.50")),
    Product("EDR", "Endpoint detection and response", Decimal("5.50")),
    Product("ITDR", "Identity threat detection", Decimal("4.00")),
    Product("BKP-DEV", "Backup per device", Decimal("8.00")),
    Product("BKP-GB", "Backup storage per GB", Decimal("0.085")),
    Product("AZURE", "Cloud consumption", None),
    Product("MSUP", "Managed Support per user", Decimal("65.00"), vendor_backed=False),
    Product("LABOUR", "Engineer hour", Decimal("150.00"), vendor_backed=False),
    Product("HARDWARE", "Hardware sale", None, vendor_backed=False),
)

_PREMIUM = "CFQ7TTC0LCHC:0002"

SKUS = (
    Sku(
        "pax8", _PREMIUM, "Microsoft 365 Business Premium [NCE]", "M365-BP", Decimal("18.70"), "Monthly", 1, True, True
    ),
    Sku(
        "pax8", _PREMIUM, "Microsoft 365 Business Premium [NCE]", "M365-BP-A", Decimal("15.60"), "Annual", 1, True, True
    ),
    Sku(
        "pax8",
        "CFQ7TTC0LDPB:0001",
        "Microsoft 365 Business Standard [NCE]",
        "M365-BS",
        Decimal("10.60"),
        "Monthly",
        1,
        True,
        True,
    ),
    Sku(
        "pax8",
        "CFQ7TTC0LH16:0001",
        "Exchange Online (Plan 1) [NCE]",
        "EXO-P1",
        Decimal("3.40"),
        "Monthly",
        1,
        True,
        True,
    ),
    Sku(
        "pax8",
        "CFQ7TTC0LGV0:0001",
        "Microsoft Defender for Business [NCE]",
        "DEF-BUS",
        Decimal("2.55"),
        "Monthly",
        1,
        True,
        True,
    ),
    Sku("pax8", "WG-FBX-MSSP", "Firebox MSSP subscription", "MFW", Decimal("38.00"), "Monthly"),
    Sku("pax8", "UC-SEAT-STD", "Cloud phone seat, standard", "VOIP", Decimal("12.40"), "Monthly"),
    Sku("huntress", "edr", "Managed EDR", "EDR", Decimal("2.75"), counted=True),
    Sku("huntress", "itdr", "Managed ITDR", "ITDR", Decimal("1.95"), counted=True),
    Sku("acronis", "SPDBMSENS", "Cyber Protect, workstation", "BKP-DEV", Decimal("3.80")),
    Sku("acronis", "SRDBMSENS-100", "Hosted storage, 100 GB block", "BKP-GB", Decimal("4.90"), units_per=100),
    Sku("acronis", "SRDBMSOVR", "Hosted storage, overage per GB", "BKP-GB", Decimal("0.055")),
    Sku("azure", "DZH318Z0BQPS", "D4s v5 virtual machine, hour", "AZURE", Decimal("0.1920")),
    Sku("azure", "DZH318Z0BP04", "Premium SSD, GB-day", "AZURE", Decimal("0.0026")),
    Sku("azure", "DZH318Z0BNZH", "Internet egress, GB", "AZURE", Decimal("0.0870")),
)

_STEADY = {
    "C1001": "EDR 20, BKP-GB 400, MSUP 18",
    "C1002": "EDR 24, ITDR 22, MSUP 22",
    "C1003": "M365-BP 9, EXO-P1 12, EDR 10, BKP-DEV 4, MSUP 9",
    "C1004": "M365-BP 7, EDR 8, MSUP 7",
    "C1005": "EDR 14, VOIP 9, MSUP 12",
    "C1006": "EDR 52, ITDR 46, BKP-GB 2400, MFW 2, MSUP 46",
    "C1007": "M365-BP 27, EDR 30, MFW 1, MSUP 27",
    "C1008": "EDR 9, VOIP 6, MSUP 15",
    "C1009": "EDR 33, BKP-DEV 12, MSUP 28",
    "C1010": "M365-BP 14, MSUP 14",
    "C1011": "M365-BS 35, ITDR 35, MSUP 35",
    "C1012": "M365-BP 2, EDR 30, BKP-DEV 20, MSUP 30",
    "C1013": "M365-BS 11, EDR 12, MSUP 11",
    "C1014": "EDR 48, VOIP 30, MSUP 34",
    "C1015": "M365-BP 29, ITDR 29, MSUP 29",
    "C1016": "M365-BS 24, VOIP 20, MSUP 24",
    "C1017": "EDR 16, MSUP 14",
    "C1018": "M365-BP 33, EDR 35, MFW 1, MSUP 33",
    "C1019": "M365-BP 12, EDR 14, ITDR 12, MSUP 12",
    "C1020": "M365-BS 10, MSUP 10",
}

_CHANGING = (
    # Four phones are used, the plan's minimum of five is invoiced (metering.csv).
    Service("C1004", "VOIP", provisioned=steady(4), sold=steady(5)),
    # Two seats added on 12 October and prorated alike on both sides.
    Service("C1006", "M365-BP", provisioned=steady(46, ("2026-10-12", 48))),
    # Four new trucks' tablets from 15 September, counted, billed and invoiced from that day.
    Service("C1011", "EDR", provisioned=steady(41, ("2026-09-15", 45))),
    # A year paid up front in August by the provider and by the school: it counts in every month it reaches.
    Service("C1012", "M365-BP-A", provisioned=starting(("2026-08-01", 28)), prepaid=True),
    # Two dealerships are two tenants at the distributor and one client in the PSA.
    Service("C1014", "M365-BP", provisioned=steady(16), site="Main Street"),
)

_VM, _DISK, _EGRESS = "DZH318Z0BQPS", "DZH318Z0BP04", "DZH318Z0BNZH"

CLOUD = (
    CloudUse("C1006", _VM, "vm-core-01", Decimal(24)),
    CloudUse("C1006", _DISK, "disk-core", Decimal(256)),
    CloudUse("C1007", _VM, "vm-cad-farm", Decimal(48)),
    CloudUse("C1007", _DISK, "disk-cad", Decimal(512)),
    CloudUse("C1007", _EGRESS, "net-cad", Decimal(20)),
    CloudUse("C1007", _VM, "vm-render-03", Decimal(24), start=day("2026-08-24")),
    CloudUse("C1011", _VM, "vm-dispatch", Decimal(48)),
    CloudUse("C1011", _VM, "vm-legacy-tms", Decimal(24), end=day("2026-10-01")),
    CloudUse("C1011", _DISK, "disk-dispatch", Decimal(1024)),
    CloudUse("C1011", _EGRESS, "net-dispatch", Decimal(35)),
    CloudUse("C1019", _VM, "vm-portal", Decimal(24)),
    CloudUse("C1019", _EGRESS, "net-portal", Decimal(5)),
)

METERING = (
    Metering("AZURE", "cost_plus", markup_pct="15"),
    Metering("EDR", "entitled", count_source="huntress"),
    Metering("VOIP", "vendor_billed", minimum_quantity="5", margin_floor_pct="30"),
    Metering("MSUP", "agreement"),
)

PROVIDER = Provider(
    msp_id=MSP,
    currency="USD",
    clients=CLIENTS,
    products=PRODUCTS,
    skus=SKUS,
    services=steady_services(_STEADY) + _CHANGING,
    metering=METERING,
    listed=("pax8", "huntress"),
    cloud=CLOUD,
    cloud_markup_pct=Decimal(15),
)
