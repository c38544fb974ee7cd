"""Invented client lists of managed service providers, with the families of names that are easily
taken for one another.

What belongs here: words, and how companies are named with them. What does not: how others
misspell the names (``noise``).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


def _listed(text: str, separator: str | None = None) -> list[str]:
    return text.split(separator)


SURNAMES = _listed(
    "Abernathy Ackroyd Alvarez Appleton Arkwright Ashdown Atherton Bainbridge Balfour Barlow Marlow Harlow"
    " Beaumont Beckett Bellamy Bennett Blackwood Blythe Boswell Bradshaw Brannigan Brightman Broadhurst"
    " Buchanan Burnett Caldwell Callahan Cartwright Castellano Chadwick Chamberlain Clark Clarke Clayton"
    " Colville Connolly Cooper Corrigan Crawford Cresswell Cunningham Dalton Danvers Delacroix Delgado"
    " Dempsey Donnelly Drummond Duckworth Eastwood Ellery Ellsworth Fairbanks Farrington Faulkner Fenwick"
    " Ferraro Finnegan Fitzgerald Fletcher Forsyth Gallagher Garrison Gibbons Gilchrist Goldberg Goodwin"
    " Grantham Greenwood Gunderson Haldane Halloran Hammond Hansen Hanson Manson Hargreaves Harrington"
    " Hartford Hertford Hathaway Hawthorne Henderson Hollister Holloway Huxley Ibarra Iverson Jameson"
    " Jankowski Jarvis Kavanagh Keating Kellerman Kendrick Kirkwood Kowalski Lambert Langford Larsen Larson"
    " Lattimer Lockhart Lombardi Lonergan Lyle MacAllister Mackenzie Maguire Mancini Marchetti Marston"
    " Mathison McAllister McBride McKenna Mercer Merriweather Miller Millar Montague Moorhouse Mortimer"
    " Nakamura Navarro Nettleton Norwood Oakley Ogilvie Okafor Osborne Paddock Palmer Parkinson Patel"
    " Pemberton Pendleton Petersen Peterson Pickering Pritchard Quimby Quinlan Radcliffe Rafferty Ramsbottom"
    " Redgrave Reinhardt Ridgeway Rosenthal Rothwell Rutherford Salazar Sanderson Schofield Seymour Sheffield"
    " Sheridan Shepherd Sheppard Sinclair Smith Smythe Somerville Stackhouse Stanhope Stephens Stevens"
    " Stevenson Stephenson Sutherland Swanson Talbot Templeton Thackeray Thompson Thomson Thornbury Trevelyan"
    " Underhill Valentine Vance Vasquez Wainwright Walcott Wallace Walters Warburton Waters Watkins Weatherby"
    " Webster Wentworth Westbrook Whitaker Whitfield Whittaker Wilkinson Winslow Winterbourne Woolworth"
    " Wyndham Yates Yardley Zielinski"
)
ABROAD = _listed(
    "Müller Schröder Groß Jäger Köhler Böhm Krüger Schäfer Weiß Lüders Søndergaard Bjørnsen Åkesson Nyström"
    " Sjöberg Håkansson Dvořák Novák Łukasik Wójcik Żuraw Peña Muñoz Ibáñez Gutiérrez Núñez Château Lumière"
    " Bérénger Lefèvre Gagné Côté Hébert Đurić Šimić Çelik Öztürk"
)
NATURE = _listed(
    "Alder Amber Anchor Aspen Bayside Beacon Birch Blackrock Bluewater Bramble Briar Brookside Canyon Cascade"
    " Cedar Clearwater Cliffside Cobalt Copper Coral Crescent Crestview Cypress Dawn Driftwood Eagle Ember"
    " Evergreen Fairhaven Falcon Fern Foxglove Frontier Glacier Goldfinch Granite Greenfield Harbour Hawk"
    " Hazel Heather Heron Highland Hillcrest Horizon Ironwood Ivy Jasper Juniper Keystone Kestrel Lakeshore"
    " Lakeview Larch Laurel Lighthouse Linden Magnolia Maple Meadow Mesa Moonstone Mossy Northgate Nova"
    " Oakridge Obsidian Orchard Osprey Otter Pacific Peregrine Pinecrest Pioneer Prairie Quarry Raven Redwood"
    " Ridge Riverbend Riverside Rosewood Saffron Sandstone Sapphire Seaview Sequoia Silver Skyline Sparrow"
    " Spruce Stonebridge Summit Sunrise Sycamore Tamarack Thistle Tidewater Timber Topaz Trillium Valley"
    " Vista Walnut Waterfront Westwind Wildflower Willow Windmill Wolf Woodland"
)
COINED = _listed(
    "Acentra Advanta Alteryn Ampliva Aurevia Axiomatic Belvora Brivanta Calyxa Cendris Clarivo Corvanta"
    " Cyntra Delvaro Dynaco Elevra Emberly Entrix Evolvex Fabrikon Finlytix Fluxora Geonova Gravitas Helixa"
    " Hexalon Inovra Intellica Jentiva Kalibra Kinetix Lumenta Luxora Maxwise Medivra Meridia Nexora Novatek"
    " Nuvola Omnira Optivex Orbiton Paragonix Pivotal Plexara Primera Quantis Questra Radianta Rezonix"
    " Sentira Signova Solventis Strativa Synerva Tactica Tellura Trinova Ultrix Unisync Valtera Vectora"
    " Verdant Vitalis Vortexa Westora Xcelera Xentrix Yotta Zenvia Zentrova Zephyra"
)
INDUSTRIES = _listed(
    "Accounting|Advertising|Animal Hospital|Architects|Auto Body|Auto Repair|Bakery|Brewing"
    " Company|Builders|Building Supplies|Capital Partners|Catering|Chemicals|Chiropractic|Church|Cleaning"
    " Services|Coffee Roasters|Community Bank|Construction|Consulting|Cosmetics|Credit"
    " Union|Dairy|Dental|Dental Care|Design Studio|Distribution|Electric|Engineering|Estate Agents|Events|Eye"
    " Care|Family Law|Farms|Financial Services|Flooring|Foods|Foundation|Freight|Furniture|Garden"
    " Centre|Glass|Healthcare|Heating and Cooling|Home"
    " Health|Hotel|Insurance|Interiors|Investments|Jewellers|Joinery|Kitchens|Laboratories|Landscaping|Law"
    " Firm|Legal|Logistics|Machine Works|Manufacturing|Marine|Marketing|Media|Medical Center|Metal"
    " Fabrication|Montessori"
    " School|Motors|Nursery|Optometry|Orthodontics|Packaging|Painting|Paper|Pediatrics|Pharmacy|Photography|Physical"
    " Therapy|Plastics|Plumbing|Precision Tools|Printing|Property Management|Real"
    " Estate|Recruitment|Recycling|Restaurants|Roofing|School District|Seafood|Security|Senior"
    " Living|Solicitors|Sports|Steel|Storage|Surgical Associates|Surveyors|Technology|Textiles|Tile and"
    " Stone|Title and Escrow|Tool Hire|Toys|Travel|Trucking|Veterinary Clinic|Warehousing|Water"
    " Treatment|Wealth Advisors|Wine Merchants|Woodworks|Youth Services",
    "|",
)
ABROAD_TRADES = _listed(
    "Maschinenbau|Bäckerei|Spedition|Elektrotechnik|Steuerberatung|Möbelhaus|Getränke|Boulangerie|Menuiserie|Électricité|Conseil"
    "|Construcción|Transportes|Byggnads|Fastigheter|Rådgivning|Apotheke|Gartenbau|Immobilier|Diseño",
    "|",
)
TAILS = ("Group", "Partners", "Associates", "Services", "Solutions", "Holdings", "Enterprises", "Industries", "International", "Systems",
         "Co-operative", "Alliance", "Collective", "& Sons", "Brothers", "Trust")  # fmt: skip
LEGAL = {
    "us": ("Inc.", "LLC", "Corp.", "Inc", "L.L.C.", "PLLC", "Co.", "LLP", "P.C.", "Incorporated"),
    "uk": ("Ltd", "Limited", "PLC", "LLP", "Ltd.", "CIC"),
    "au": ("Pty Ltd", "Pty. Limited", "Pty Ltd"),
    "de": ("GmbH", "AG", "GmbH & Co. KG", "KG", "UG (haftungsbeschränkt)", "e.K.", "OHG"),
    "fr": ("SARL", "SAS", "S.A.", "SASU", "EURL"),
    "nordic": ("AB", "A/S", "ApS", "AS", "Oy"),
    "es": ("S.L.", "S.A.", "S.L.U."),
}
CITIES = _listed(
    "Aberdeen Albany Antwerp Atlanta Austin Bath Belfast Berlin Bergen Boise Bordeaux Boston Bristol Brisbane"
    " Calgary Cardiff Charlotte Chester Chicago Cleveland Cologne Cork Dallas Denver Derby Detroit Dublin"
    " Durham Edmonton Exeter Fresno Geneva Glasgow Hamburg Houston Hull Lansing Leeds Leicester Lincoln"
    " Lisbon Liverpool London Lyon Madison Madrid Malmö Manchester Melbourne Memphis Miami Milan Montreal"
    " Munich Nashville Newcastle Norwich Nottingham Oakland Omaha Oslo Oxford Paris Perth Phoenix Plymouth"
    " Portland Porto Preston Reading Reno Rome Sacramento Salem Seattle Seville Sheffield Spokane Stockholm"
    " Sunderland Swansea Sydney Tacoma Tampa Toledo Toronto Tucson Tulsa Turin Vienna Wakefield Warsaw"
    " Wichita York Zurich"
)
BRANCHES = _listed(
    "East|West|North|South|Central|Downtown|Uptown|Midtown|Northeast|Southwest|Lower|Upper|Airport|Bayview|Lakeside|Westside|Eastside",
    "|",
)
DIVISIONS = _listed(
    "Foods Property Energy Retail Media Logistics Health Capital Farms Travel Education Marine Homes Leisure"
    " Trading Digital"
)
NUMBERED = _listed(
    "Studio|Pier|Route|Club|Highway|Unit|Area|Room|Gate|Level|Station|Mile|Channel|Terminal", "|"
)
NEAR = (
    ("Barlow", "Marlow"), ("Hansen", "Hanson"), ("Clark", "Clarke"), ("Miller", "Millar"), ("Smith", "Smythe"), ("Thompson", "Thomson"),
    ("Stevens", "Stephens"), ("Shepherd", "Sheppard"), ("Larsen", "Larson"), ("Petersen", "Peterson"), ("Hartford", "Hertford"),
    ("Whitaker", "Whittaker"), ("Stevenson", "Stephenson"), ("Walters", "Waters"), ("Garrison", "Harrison"), ("Cooper", "Hooper"),
    ("Burnett", "Bennett"), ("Lambert", "Lampert"), ("Greenwood", "Greenwold"), ("Osborne", "Osbourne"), ("Johnson", "Johnston"),
    ("Davidson", "Davison"), ("Matthews", "Mathews"), ("Reynolds", "Reynold"), ("Nova", "Novo"), ("Sentira", "Sentara"),
    ("Medivra", "Medivia"), ("Lakeview", "Lakevue"), ("Brookside", "Brockside"), ("Silver", "Sliver"),
)  # fmt: skip
COUNTS = _listed("two three four five six seven eight nine ten eleven twelve")


@dataclass(frozen=True)
class Company:
    """One company; those of one ``family`` have names that are easily taken for each other."""

    name: str
    family: str = ""


def half(words: Sequence[_T], part: int) -> Sequence[_T]:
    """The words of one part: dev (0) and test (1) share none."""
    return words[part::2]


def client_list(chance: random.Random, part: int, size: int) -> list[Company]:
    """Invent the clients of one provider: about a quarter of them in families; no two share
    a name by accident.
    """
    names = _Names(chance, part)
    found: list[Company] = []
    cores: set[str] = set()
    while len(found) < size:
        core, made = names.family() if chance.random() < 0.09 else names.company()
        if core.casefold() not in cores:
            cores.add(core.casefold())
            found += made
    return found


class _Names:
    def __init__(self, chance: random.Random, part: int) -> None:
        self._chance = chance
        self._part = part
        self._country = chance.choice(["us", "us", "us", "uk", "uk", "au", "de", "fr", "nordic", "es"])

    def _one(self, words: Sequence[str]) -> str:
        return self._chance.choice(half(words, self._part))

    def _two(self, words: Sequence[str]) -> tuple[str, str]:
        first, second = self._chance.sample(list(half(words, self._part)), 2)
        return first, second

    def _surname(self) -> str:
        abroad = 0.7 if self._country in ("de", "fr", "nordic", "es") else 0.06
        return self._one(ABROAD) if self._chance.random() < abroad else self._one(SURNAMES)

    def _trade(self) -> str:
        abroad = 0.5 if self._country in ("de", "fr", "nordic", "es") else 0.02
        return self._one(ABROAD_TRADES) if self._chance.random() < abroad else self._one(INDUSTRIES)

    def _tail(self) -> str:
        return f" {self._one(TAILS)}" if self._chance.random() < 0.3 else ""

    def legal(self) -> str:
        return f" {self._chance.choice(LEGAL[self._country])}" if self._chance.random() < 0.6 else ""

    def core(self) -> str:
        """A name without its legal form."""
        initials = "".join(self._chance.sample("ABCDEFGHJKLMNPRSTVW", 3))
        kinds: list[tuple[int, Callable[[], str]]] = [
            (22, lambda: f"{self._surname()} {self._trade()}{self._tail()}"),
            (12, lambda: " & ".join(self._two(SURNAMES)) + f" {self._trade()}"),
            (22, lambda: f"{self._one(NATURE)} {self._trade()}{self._tail()}"),
            (10, lambda: " ".join(self._two(NATURE)) + f" {self._trade()}"),
            (14, lambda: f"{self._one(COINED)}{self._tail() or ' ' + self._trade()}"),
            (5, lambda: self._one(COINED)),
            (4, lambda: f"{initials} {self._trade()}"),
            (
                3,
                lambda: (
                    f"The {self._one(NATURE)}"
                    f" {self._chance.choice(['Kettle', 'Inn', 'Table', 'Gallery', 'Barn', 'Workshop'])}"
                ),
            ),
            (3, lambda: f"{self._one(NUMBERED)} {self._chance.randint(2, 99)} {self._trade()}"),
            (2, lambda: f"{self._one(COUNTS).title()} {self._one(NATURE)}s {self._trade()}"),
            (
                3,
                lambda: (
                    f"St. {self._chance.choice(['Mary', 'John', 'Luke', 'Anne', 'Peter', 'Brigid'])}'s"
                    f" {self._trade()}"
                ),
            ),
        ]
        return self._chance.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()

    def company(self) -> tuple[str, list[Company]]:
        """One company, and its name without the legal form."""
        core = self.core()
        return core, [Company(core + self.legal())]

    def family(self) -> tuple[str, list[Company]]:
        """Two to four companies that a hurried reader takes for one, and what they share."""
        core, count = self.core(), self._chance.randint(2, 4)
        kind = self._chance.choice(["branch", "branch", "division", "legal", "number", "city", "spelling"])
        if kind == "branch":
            names = [
                f"{core} {word}" for word in self._chance.sample(list(half(BRANCHES, self._part)), count)
            ]
        elif kind == "city":
            names = [f"{core} {word}" for word in self._chance.sample(list(half(CITIES, self._part)), count)]
        elif kind == "division":
            brand = self._one(COINED) if self._chance.random() < 0.5 else self._surname()
            core = brand
            divisions = self._chance.sample(list(half(DIVISIONS, self._part)), count - 1)
            names = [brand + self.legal(), *(f"{brand} {word}" for word in divisions)]
        elif kind == "legal":
            forms = self._chance.sample(sorted(set(LEGAL[self._country])), 2)
            names = (
                [f"{core} {form}" for form in forms]
                if _are_different_forms(*forms)
                else [core, f"{core} Holdings"]
            )
        elif kind == "number":
            numbers = self._chance.choice([["1", "2", "3", "4"], ["II", "III", "IV"]])
            names = [f"{core} {number}" for number in self._chance.sample(numbers, 2)]
        else:
            trade = self._trade()
            names = [f"{word} {trade}" for word in self._chance.choice(half(NEAR, self._part))]
        return core, [Company(name, f"{kind}: {core}") for name in names]


def _are_different_forms(first: str, second: str) -> bool:
    """Whether two legal forms are really different, and not one form written in two ways."""
    same = (
        {"inc.", "inc", "incorporated"},
        {"llc", "l.l.c."},
        {"ltd", "ltd.", "limited"},
        {"pty ltd", "pty. limited"},
        {"as", "a/s"},
    )
    return not any({first.lower(), second.lower()} <= group for group in same)
