"""How vendors' portals, their users and file exports spell a company's name.

What belongs here: corruptions, each a function of a name and a source of chance. They know nothing of
how names are compared, on purpose: what they write is what vendors write, whether the comparison can
undo it or not.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

from bench.mapping.companies import CITIES, COINED, half

_KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "ol", "a": "qsz",
    "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "huk", "k": "jil", "l": "kop", "z": "asx", "x": "zsdc",
    "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
# each part knows its own half of the abbreviations, so that test shows some that dev never did
_SHORT = (
    ("Accounting", "Acctg"), ("Advisors", "Adv"), ("Architects", "Arch"), ("Associates", "Assoc"), ("Associates", "Assocs"),
    ("Brothers", "Bros"), ("Building", "Bldg"), ("Center", "Ctr"), ("Centre", "Ctr"), ("Church", "Ch"), ("Chiropractic", "Chiro"),
    ("Community", "Comm"), ("Company", "Co"), ("Construction", "Constr"), ("Construction", "Const"), ("Consulting", "Cnslt"),
    ("Dental", "Dntl"), ("Department", "Dept"), ("Design", "Dsgn"), ("Distribution", "Distr"), ("District", "Dist"),
    ("Electric", "Elec"), ("Engineering", "Eng"), ("Engineering", "Engrg"), ("Enterprises", "Ent"), ("Estate", "Est"),
    ("Financial", "Fin"), ("Foundation", "Fdn"), ("Group", "Grp"), ("Healthcare", "HC"), ("Holdings", "Hldgs"), ("Home", "Hm"),
    ("Hospital", "Hosp"), ("Industries", "Ind"), ("Insurance", "Ins"), ("International", "Intl"), ("International", "Int'l"),
    ("Investments", "Inv"), ("Laboratories", "Labs"), ("Landscaping", "Lscp"), ("Logistics", "Log"), ("Machine", "Mach"),
    ("Management", "Mgmt"), ("Manufacturing", "Mfg"), ("Manufacturing", "Manuf"), ("Marketing", "Mktg"), ("Medical", "Med"),
    ("Montessori", "Mont"), ("Mountain", "Mtn"), ("North", "N"), ("Partners", "Ptnrs"), ("Pharmacy", "Phcy"), ("Physical", "Phys"),
    ("Plumbing", "Plmb"), ("Property", "Prop"), ("Real", "RE"), ("Restaurants", "Rest"), ("School", "Sch"), ("Security", "Sec"),
    ("Services", "Svcs"), ("Services", "Serv"), ("Solutions", "Soln"), ("South", "S"), ("Supplies", "Supp"), ("Systems", "Sys"),
    ("Technology", "Tech"), ("Therapy", "Ther"), ("Transport", "Trans"), ("Veterinary", "Vet"), ("Wholesale", "Whlse"), ("Works", "Wks"),
)  # fmt: skip
_SPELLED = {
    "Inc.": ("Incorporated", "INC", "Inc"), "Inc": ("Inc.", "Incorporated"), "LLC": ("L.L.C.", "Llc"), "Ltd": ("Limited", "LTD.", "Ltd."),
    "Limited": ("Ltd", "LTD"), "Corp.": ("Corporation", "CORP"), "GmbH": ("G.m.b.H.", "GMBH", "Gesellschaft mbH"),
    "SARL": ("S.A.R.L.", "S.à r.l."), "SAS": ("S.A.S.",), "AG": ("A.G.", "Aktiengesellschaft"), "Pty Ltd": ("Pty. Ltd.", "P/L"),
    "PLC": ("plc", "P.L.C."), "S.L.": ("SL",), "A/S": ("AS", "A.S."), "Co.": ("Company", "Co"), "AB": ("A.B.",),
}  # fmt: skip
_FORM_AT_THE_END = re.compile(
    r",?\s+(Inc\.?|LLC|Corp\.|Ltd\.?|Limited|PLC|LLP|GmbH( & Co\. KG)?|AG|KG|SARL|SAS|S\.A\.|AB|A/S|Pty"
    r" Ltd|S\.L\.)$"
)
_NUMBERS = {
    "1": "One", "2": "Two", "3": "Three", "4": "Four", "5": "Five", "6": "Six", "7": "Seven", "8": "Eight", "9": "Nine", "10": "Ten",
    "11": "Eleven", "12": "Twelve", "20": "Twenty", "II": "2", "III": "3", "IV": "4",
}  # fmt: skip
_ADDED = ("HQ", "Main Office", "Head Office", "Accounts", "IT Dept", "(new)", "- OLD", "(migrated)", "USA", "UK", "Production", "Tenant",
          "Azure", "365", "Office 365", "Customer", "(Do not use)", "Europe", "Admin", "Corporate")  # fmt: skip
_CHANGES = (
    ("&", "and"), ("&", "+"), (" and ", " & "), ("'", ""), ("'", "’"), (".", ""), (" ", "  "), (" ", "_"), (" ", "-"), (",", ""),
    ("-", " "),
)  # fmt: skip
_PLACES = (", TX", ", CA", " (NY)", ", Ontario", " NSW", ", WA", " (Scotland)", ", Bayern")


def corrupted(name: str, chance: random.Random, part: int) -> tuple[str, tuple[str, ...]]:
    """Spell a name as a vendor might: usually one thing is different, sometimes none, two
    or three. Says which.
    """
    count = chance.choices([0, 1, 2, 3], [12, 46, 30, 12])[0]
    done: list[str] = []
    for _ in range(count):
        kind, make = chance.choices(_KINDS, [weight for weight, _, _ in _WEIGHTS])[0]
        changed = make(name, chance, part)
        if changed.strip() and changed != name:
            name = changed
            done.append(kind)
    return name, tuple(done)


def _letters(name: str) -> list[int]:
    return [at for at, letter in enumerate(name) if letter.isalpha() and letter.isascii()]


def _typo(name: str, chance: random.Random, part: int) -> str:
    places = _letters(name)
    if not places:
        return name
    at, kind = chance.choice(places), chance.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + chance.choice("abcdefghijklmnoprstuvwy") + name[at:]
    if kind == 2 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice("abcdefghijklmnoprstuvwy") + name[at + 1 :]


def _slip(name: str, chance: random.Random, part: int) -> str:
    places = _letters(name)
    if not places:
        return name
    at = chance.choice(places)
    key = chance.choice(_KEYS[name[at].lower()])
    return name[:at] + (key.upper() if name[at].isupper() else key) + name[at + 1 :]


def _doubled(name: str, chance: random.Random, part: int) -> str:
    pairs = [at for at in _letters(name)[1:] if name[at].lower() == name[at - 1].lower()]
    if pairs and chance.random() < 0.6:
        at = chance.choice(pairs)
        return name[:at] + name[at + 1 :]
    places = [at for at in _letters(name) if name[at] in "lnrstpm"]
    at = chance.choice(places) if places else 0
    return name[:at] + name[at] + name[at:]


def _shortened(name: str, chance: random.Random, part: int) -> str:
    known = [(long, short) for long, short in half(_SHORT, part) if long in name.split()]
    if known and chance.random() < 0.8:
        long, short = chance.choice(known)
        return name.replace(long, short + chance.choice(["", "."]), 1)
    words = name.split()
    long_words = [at for at, word in enumerate(words) if len(word) > 7 and word.isalpha() and at]
    if not long_words:
        return name
    at = chance.choice(long_words)
    word = words[at]
    words[at] = (
        word[: chance.randint(3, 5)] + "."
        if chance.random() < 0.6
        else word[0] + re.sub("[aeiou]", "", word[1:])
    )
    return " ".join(words)


def _ascii(name: str, chance: random.Random, part: int) -> str:
    longer = {
        "ü": "ue",
        "ö": "oe",
        "ä": "ae",
        "å": "aa",
        "ø": "oe",
        "æ": "ae",
        "Ü": "Ue",
        "Ö": "Oe",
        "Å": "Aa",
        "ß": "ss",
    }
    if chance.random() < 0.5:
        name = "".join(longer.get(letter, letter) for letter in name)
    name = name.translate(str.maketrans("øØłŁđĐßæıİ", "oOlLdDsaiI"))
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)
    )


def _garbled(name: str, chance: random.Random, part: int) -> str:
    name = name.replace("'", "’")
    kind = chance.randrange(4)
    if kind == 0 and "&" in name:
        return name.replace("&", "&amp;")
    if kind == 1:
        return name.encode("ascii", "replace").decode()
    if kind == 2:
        return "".join(letter if letter.isascii() else "\ufffd" for letter in name)
    return name.encode().decode("cp1252", "replace")


def _reordered(name: str, chance: random.Random, part: int) -> str:
    words = name.split()
    if len(words) < 2:
        return name
    if chance.random() < 0.6:
        return (
            f"{' '.join(words[1:])}, {words[0]}"
            if chance.random() < 0.5
            else " ".join([*words[1:], words[0]])
        )
    chance.shuffle(words)
    return " ".join(words)


def _fewer(name: str, chance: random.Random, part: int) -> str:
    words = name.split()
    if len(words) < 3:
        return name
    at = chance.choice([*range(1, len(words)), len(words) - 1, len(words) - 1])
    return " ".join(words[:at] + words[at + 1 :])


def _no_form(name: str, chance: random.Random, part: int) -> str:
    return _FORM_AT_THE_END.sub("", name)


def _other_form(name: str, chance: random.Random, part: int) -> str:
    for form in sorted(_SPELLED, key=len, reverse=True):
        if name.endswith(" " + form):
            return name[: -len(form)] + chance.choice(_SPELLED[form])
    return name


def _more(name: str, chance: random.Random, part: int) -> str:
    added = chance.choice(half(_ADDED, part))
    return f"{added} {name}" if chance.random() < 0.15 and added[0].isalpha() else f"{name} {added}"


def _in_a_city(name: str, chance: random.Random, part: int) -> str:
    city = chance.choice(half(CITIES, part))
    return name + chance.choice(
        [f" - {city}", f" ({city})", f", {city}", f" {city}", chance.choice(half(_PLACES, part))]
    )


def _trading_as(name: str, chance: random.Random, part: int) -> str:
    other = (
        f"{chance.choice(half(COINED, part))}"
        f" {chance.choice(['Holdings', 'Ventures', 'Trading', 'Enterprises'])}"
    )
    mark = chance.choice([" t/a ", " dba ", " trading as ", " T/A ", " d/b/a ", " DBA "])
    return f"{other}{mark}{name}" if chance.random() < 0.7 else f"{name}{mark}{other}"


def _brand(name: str, chance: random.Random, part: int) -> str:
    brand = chance.choice(half(COINED, part))
    return f"{name} ({brand})" if chance.random() < 0.7 else f"{brand} ({name})"


def _domain(name: str, chance: random.Random, part: int) -> str:
    plain = (
        _ascii(_no_form(name, chance, part), random.Random(1), part)
        .lower()
        .replace("&", chance.choice(["and", "", "-"]))
    )
    words = re.findall(r"[a-z0-9]+", plain)
    if not words:
        return name
    stem = chance.choice(["".join(words)] * 4 + ["-".join(words), "".join(words[:2]), words[0]])
    end = chance.choice([".onmicrosoft.com"] * 4 + [".com", ".com", ".net", ".org", ".co.uk", ".de"])
    return chance.choice(["", "", "", "www.", "admin@"]) + stem + end


def _cut(name: str, chance: random.Random, part: int) -> str:
    return name[: chance.choice([20, 30])].rstrip()


def _spelled_number(name: str, chance: random.Random, part: int) -> str:
    words = name.split()
    back = {word.lower(): number for number, word in _NUMBERS.items() if not number.startswith("I")}
    return " ".join(_NUMBERS.get(word, back.get(word.lower(), word)) for word in words)


def _cased(name: str, chance: random.Random, part: int) -> str:
    return chance.choice([str.upper, str.lower, str.title])(name)


def _punctuated(name: str, chance: random.Random, part: int) -> str:
    fitting = [(old, new) for old, new in _CHANGES if old in name]
    old, new = chance.choice(fitting) if fitting else ("", "")
    return name.replace(old, new) if old else name + " "


def _joined(name: str, chance: random.Random, part: int) -> str:
    words = name.split()
    if len(words) < 2:
        return name
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1].lower(), *words[at + 2 :]])


def _initialled(name: str, chance: random.Random, part: int) -> str:
    words = _no_form(name, chance, part).split()
    return "".join(word[0] for word in words if word[0].isalnum()).upper() if len(words) > 2 else name


_WEIGHTS: list[tuple[int, str, Callable[[str, random.Random, int], str]]] = [
    (11, "typo", _typo), (7, "keyboard slip", _slip), (4, "doubled letter", _doubled), (10, "abbreviation", _shortened),
    (7, "transliteration", _ascii), (3, "garbled encoding", _garbled), (4, "word order", _reordered), (6, "word dropped", _fewer),
    (12, "legal form dropped", _no_form), (9, "legal form spelled otherwise", _other_form), (4, "word added", _more),
    (5, "city or state added", _in_a_city), (3, "trading as", _trading_as), (3, "brand in parentheses", _brand), (6, "domain", _domain),
    (5, "cut at 20 or 30", _cut), (3, "number spelled otherwise", _spelled_number), (8, "letter case", _cased),
    (9, "punctuation", _punctuated), (3, "words joined", _joined), (1, "initials only", _initialled),
]  # fmt: skip
_KINDS = [(kind, make) for _, kind, make in _WEIGHTS]
