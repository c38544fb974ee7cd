"""Product lists of managed service providers, and what vendors call the same things on their bills.

What belongs here: names of real product families (names only), the two ways of writing them, and siblings
that differ in one word, a plan, a size or the commitment. What does not: how names are compared.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bench.mapping.companies import half

# vendor | base | how the siblings differ, in the vendor's words | what a provider might call all of it
# in words of its own
_FAMILIES = (
    "Microsoft | Microsoft 365 | Business Basic; Business Standard; Business Premium; Apps for business | Office licence",
    "Microsoft | Microsoft 365 | E3; E5; F1; F3; E3 (no Teams); E5 (no Teams) | Enterprise seat",
    "Microsoft | Office 365 | E1; E3; E5; F3 | Office suite",
    "Microsoft | Exchange Online | (Plan 1); (Plan 2); Kiosk; Archiving | Mailbox",
    "Microsoft | SharePoint | (Plan 1); (Plan 2) | Document store",
    "Microsoft | OneDrive for business | (Plan 1); (Plan 2) | File sync",
    "Microsoft | Entra ID | P1; P2; Governance | Identity",
    "Microsoft | Intune | Plan 1; Plan 2; Suite | Device management",
    "Microsoft | Defender for Office 365 | (Plan 1); (Plan 2) | Mail protection",
    "Microsoft | Defender for Endpoint | P1; P2; Server | Endpoint protection",
    "Microsoft | Teams | Essentials; Premium; Phone Standard; Rooms Basic; Rooms Pro | Collaboration",
    "Microsoft | Visio | Plan 1; Plan 2 | Diagrams",
    "Microsoft | Power BI | Pro; Premium Per User | Reporting",
    "Microsoft | Project | Plan 1; Plan 3; Plan 5 | Planning",
    "Microsoft | Power Automate | Premium; Process; Hosted Process | Automation",
    "Microsoft | Dynamics 365 | Sales Professional; Sales Enterprise; Customer Service Professional; Team Members | CRM",
    "Microsoft | Dynamics 365 Business Central | Essentials; Premium; Team Members | ERP",
    "Microsoft | Windows 365 Business | 2 vCPU 4 GB 64 GB; 2 vCPU 4 GB 128 GB; 2 vCPU 8 GB 128 GB; 4 vCPU 16 GB 256 GB | Cloud PC",
    "Microsoft | Windows 365 Enterprise | 2 vCPU 4 GB 128 GB; 2 vCPU 8 GB 256 GB; 4 vCPU 16 GB 512 GB | Virtual desktop",
    "Microsoft | Windows Server | 2022 Standard 16 Core; 2022 Datacenter 16 Core; 2022 User CAL; 2022 Device CAL | Server licence",
    "Google | Workspace Business | Starter; Standard; Plus | Google mail",
    "Google | Workspace Enterprise | Essentials; Standard; Plus | Google suite",
    "Acronis | Cyber Protect Cloud | Workstation; Server; Virtual Machine; Microsoft 365 Seat | Backup per device",
    "Acronis | Hosted Storage | 50 GB; 100 GB; 250 GB; 1 TB | Backup storage",
    "Acronis | Advanced | Backup Workstation; Backup Server; Email Security; Disaster Recovery | Backup add-on",
    "Datto | SIRIS Cloud Retention | 1 Year; 7 Year; Infinite | Appliance retention",
    "Datto | SaaS Protection | for Microsoft 365; for Google Workspace | Cloud backup",
    "Datto | ALTO | 3 1TB; 4 2TB; 4 4TB | Small appliance",
    "Veeam | Backup & Replication | Standard; Enterprise; Enterprise Plus | Virtual backup",
    "Veeam | Agent | for Workstations; for Servers | Backup agent",
    "N-able | Cove Data Protection | Servers; Workstations; Microsoft 365 | Managed backup",
    "Dropsuite | Email Backup | Business; Business with Archiving; Government | Mail backup",
    "Axcient | x360Recover | Server; Workstation; Server Direct to Cloud | Recovery",
    "Wasabi | Hot Cloud Storage | 1 TB; 5 TB; 10 TB; 25 TB | Object storage",
    "NinjaOne | Endpoint Management | Workstation; Server; Mobile | Monitoring",
    "NinjaOne | Backup | 100 GB; 500 GB; 1 TB | Backup space",
    "Datto | RMM | Managed Device; Managed Server; On-Demand | Remote monitoring",
    "ConnectWise | ScreenConnect | One; Standard; Premium | Remote control",
    "ConnectWise | Automate | Agent; Server Agent | Agent",
    "Atera | IT Management | Pro; Growth; Power; Superpower | Technician seat",
    "Kaseya | VSA | Workstation; Server | Managed device",
    "Auvik | Network Management | Essentials; Performance | Network monitoring",
    "IT Glue | Documentation | Basic; Select; Enterprise | Documentation",
    "Huntress | Managed | EDR; ITDR; SIEM; Security Awareness Training | Detection",
    "SentinelOne | Singularity | Core; Control; Complete | Next generation antivirus",
    "CrowdStrike | Falcon | Go; Pro; Enterprise; Elite | Antivirus",
    "Bitdefender | GravityZone | Business Security; Business Security Premium; Business Security Enterprise | Malware protection",
    "Sophos | Intercept X | Essentials; Advanced; Advanced with XDR; Advanced for Server | Protection",
    "Sophos | MDR | Essentials; Complete; Complete Server | Managed detection",
    "ESET | PROTECT | Entry; Advanced; Complete; Elite | Virus scanner",
    "Webroot | Business Endpoint Protection | Workstation; Server | Scanner",
    "Proofpoint | Essentials | Beginner; Business; Advanced; Professional | Mail filter",
    "Mimecast | Email Security | M1; M2; M2A; M3 | Mail gateway",
    "Barracuda | Email Protection | Advanced; Premium; Premium Plus | Spam filter",
    "KnowBe4 | Security Awareness | Silver; Gold; Platinum; Diamond | Phishing training",
    "Cisco | Duo | Essentials; Advantage; Premier | Second factor",
    "Cisco | Umbrella | DNS Essentials; DNS Advantage; SIG Essentials | DNS filter",
    "DNSFilter | Roaming Client | Basic; Pro; Enterprise | Web filter",
    "Keeper | Password Manager | Business; Enterprise; Family | Password vault",
    "ThreatLocker | Protect | Workstation; Server; Unified | Allow-listing",
    "Fortinet | FortiGate | 40F UTP 1 Year; 60F UTP 1 Year; 60F UTP 3 Year; 80F UTP 1 Year | Firewall",
    "WatchGuard | Firebox | T25 Basic Security; T25 Total Security; T45 Basic Security; T45 Total Security | Managed firewall",
    "SonicWall | Capture Client | Basic; Advanced; Premier | Client firewall",
    "Cisco | Meraki MX67 | Enterprise; Advanced Security; SD-WAN Plus | Branch router",
    "Adobe | Acrobat | Standard DC; Pro DC | PDF licence",
    "Adobe | Creative Cloud | All Apps; Single App; All Apps Pro | Design suite",
    "RingCentral | RingEX | Core; Advanced; Ultra | Phone seat",
    "3CX | Hosted PBX | 4 SC Pro; 8 SC Pro; 8 SC Enterprise; 16 SC Enterprise | Phone system",
    "8x8 | Work | X2; X4; X6 | Telephony",
    "Zoom | Workplace | Pro; Business; Business Plus | Meetings",
    "Cloudflare | Zero Trust | Free; Pay-as-you-go; Enterprise | Access",
    "Egnyte | Connect | Business; Enterprise Lite; Enterprise | File share",
)  # fmt: skip
_TERM_FIELDS = {
    "monthly": ("P1M", "Monthly", "1 Month", "month", "P1M:Monthly"),
    "annual": ("P1Y", "Annual", "1 Year", "12 Months", "P1Y:Annual"),
}
_TERM_WORDS = {"monthly": (" (monthly)", " - Monthly", " M2M", " - Month to Month", ", monthly commit"),
               "annual": (" (annual)", " - Annual", " - Annual Commit", " 1 Year", ", yearly", " (annual, prepaid)")}  # fmt: skip
_ADDED = (
    " [NCE]",
    " (NCE)",
    " License",
    " Subscription",
    " - per user",
    " (New Commerce)",
    " per month",
    " (Corporate)",
    " - MSP",
)
_SHORT = (
    ("Business Premium", "Bus Prem"), ("Business Standard", "Bus. Standard"), ("Business Basic", "BusBasic"), ("Microsoft 365", "M365"),
    ("Microsoft 365", "MS 365"), ("Office 365", "O365"), ("Office 365", "Off365"), ("Standard", "Std"), ("Enterprise", "Ent"),
    ("Professional", "Prof"), ("Workstation", "Wkstn"), ("Workstation", "WS"), ("Server", "Srv"), ("Server", "Svr"),
    ("Virtual Machine", "VM"), ("Advanced", "Adv"), ("Premium", "Prem"), ("Essentials", "Ess"), ("Essentials", "Essntls"),
    ("Exchange Online", "EXO"), ("Exchange Online", "Exch Online"), ("Backup", "Bkp"), ("Backup", "BU"), ("Protection", "Prot"),
    ("Security", "Sec"), ("Management", "Mgmt"), ("Endpoint", "EP"), ("Endpoint", "Endpt"), ("Managed", "Mgd"), ("Storage", "Stor"),
    ("Dynamics 365", "D365"), ("Windows 365", "W365"), ("Business Central", "BC"), ("Security Awareness Training", "SAT"),
    ("Archiving", "Archive"), ("Documentation", "Docs"), ("Monthly", "Mthly"), ("Power BI", "PBI"), ("OneDrive for business", "OD4B"),
    ("Plan 1", "P1"), ("Plan 2", "P2"), ("(Plan 1)", "Plan1"), ("(Plan 2)", "Plan2"),
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """One product of a provider: what it is, and how the provider calls it. ``term`` is empty where one
    product serves all.
    """

    family: str
    variant: str
    term: str
    code: str
    name: str


@dataclass(frozen=True)
class Line:
    """What a vendor bill says about a SKU."""

    sku_id: str
    sku_name: str
    term: str


def product_list(chance: random.Random, part: int, families: int) -> list[Product]:
    """Invent what one provider sells: some families, most siblings of each, some split by commitment."""
    style = chance.choice(["vendor", "plain", "short", "mixed"])
    found: list[Product] = []
    for family in chance.sample(list(half(_FAMILIES, part)), families):
        _, _, variants, own = (cell.strip() for cell in family.split("|"))
        known = [variant.strip() for variant in variants.split(";")]
        own_words = chance.random() < 0.08
        for variant in chance.sample(known, max(1, len(known) - chance.choice([0, 0, 1]))):
            both = family.startswith("Microsoft") and chance.random() < 0.4
            terms = ["monthly", "annual"] if both else [chance.choice(["", "", "", "", "monthly", "annual"])]
            terms = [""] if "Year" in variant else terms
            for term in terms:
                is_own = own_words and len(known) > 1 and chance.random() < 0.5
                name = f"{own} {variant}" if is_own else _provider_name(family, variant, chance, style, part)
                name += chance.choice(_TERM_WORDS[term]) if term else ""
                found.append(Product(family, variant, term, f"P-{len(found) + 1:03d}", name))
    return list({product.name.casefold(): product for product in found}.values())


def billed_as(product: Product, term: str, chance: random.Random, part: int) -> Line:
    """Write the product as its vendor bills it."""
    vendor, base, _, _ = (cell.strip() for cell in product.family.split("|"))
    name = f"{base} {product.variant}"
    if not base.startswith(vendor) and chance.random() < 0.45:
        name = f"{vendor} {name}"
    if chance.random() < 0.35:
        name = _shortened(name, chance, part)
    if chance.random() < 0.4:
        name += chance.choice(_ADDED)
    if term and chance.random() < 0.2:
        name += chance.choice(_TERM_WORDS[term])
    if chance.random() < 0.35:
        name = _respelled(name, chance)
    field = chance.choice(_TERM_FIELDS[term]) if term and chance.random() < 0.85 else ""
    sku = (
        f"{chance.choice('CFGHSW')}{chance.randrange(10**7):07d}"
        if chance.random() < 0.9
        else f"{chance.randrange(10**6)}"
    )
    return Line(sku, name, field)


def _provider_name(family: str, variant: str, chance: random.Random, style: str, part: int) -> str:
    vendor, base, _, _ = (cell.strip() for cell in family.split("|"))
    style = chance.choice(["vendor", "plain", "short"]) if style == "mixed" else style
    name = f"{base} {variant}"
    if style == "vendor" and not base.startswith(vendor):
        name = f"{vendor} {name}"
    if style == "short":
        name = _shortened(name, chance, part)
    return name if chance.random() < 0.8 else _respelled(name, chance)


def _shortened(name: str, chance: random.Random, part: int) -> str:
    for long, short in chance.sample(list(half(_SHORT, part)), len(half(_SHORT, part))):
        if long in name and chance.random() < 0.6:
            name = name.replace(long, short, 1)
    return name


def _respelled(name: str, chance: random.Random) -> str:
    kind = chance.randrange(9)
    words = name.split()
    if kind == 0:
        return name.upper()
    if kind == 1:
        return name.lower()
    if kind == 2:
        return re.sub(r"(\d) (GB|TB|vCPU)", r"\1\2", name)
    if kind == 3 and len(words) > 2:
        return (
            f"{words[0]}, {' '.join(words[1:])}"
            if chance.random() < 0.5
            else f"{' '.join(words[:-1])} - {words[-1]}"
        )
    if kind == 4:
        return name.replace("(", "").replace(")", "")
    if kind == 5:
        return name[: chance.choice([30, 40])].rstrip()
    if kind == 6:
        return name.replace(words[0], words[0] + "®", 1)
    if kind == 7:
        places = [
            at for at, letter in enumerate(name) if letter.isalpha() and letter.isascii() and letter.islower()
        ]
        at = chance.choice(places) if places else 0
        return name[:at] + name[at + 1 :]
    return (
        " ".join([*words[1:], words[0]])
        if len(words) > 2 and chance.random() < 0.4
        else name.replace(" ", "-")
    )


def siblings(product: Product, products: Sequence[Product]) -> list[Product]:
    """The other products of the family."""
    return [other for other in products if other.family == product.family and other.code != product.code]
