"""Names of products and SKUs: what in them names the thing, which plan, size and edition it is, and for how
long it is bought.

What belongs here: words as data, and taking a name apart. What does not:
comparing two names (``match_products``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from mbr_pipeline.mapping_help.text_folding import NUMBERS, fold, has_digit, word_set, words_of

MONTHLY, YEARLY = "monthly", "yearly"

_MARKS_OF_TRADE = re.compile("[®™©℠]")
_SUITE = re.compile(r"(?<![^\W_])([a-z]+)[\s,-]*365(?![^\W_])")
_SUITES = {"microsoft": "m365", "office": "o365", "dynamics": "d365", "windows": "w365"}
_SUITES_SHORT = {
    "m": "m365",
    "ms": "m365",
    "o": "o365",
    "off": "o365",
    "d": "d365",
    "dyn": "d365",
    "w": "w365",
    "win": "w365",
}
_PHRASES = tuple(
    (re.compile(rf"(?<![^\W_])(?:{pattern})(?![^\W_])"), replacement)
    for pattern, replacement in (
        (r"exo|exch(?:ange)? online", "exchange online"),
        (r"azure active directory|azure ad|aad", "entra id"),
        (r"od4b", "onedrive for business"),
        (r"pbi", "power bi"),
        (r"vms?|virtual machines", "virtual machine"),
        (r"(?:plan|pln)[\s-]*(\d)", r"p\1"),
        (r"(\d+)[\s-]*(tb|gb|mb|vcpu|core|cores|sc)", r"\1\2"),
        (r"new commerce(?: experience)?|nce|csp", " "),
    )
)
_COUNT = r"(\d+|one|two|three|five)"
_BOUND = r"(?:[\s-]*(?:commit(?:ment)?|term))?"
# the longest first: of "annual, monthly" one is the commitment, the other how it is paid
_TERMS = tuple(
    (re.compile(rf"(?<![^\W_])(?:{pattern}){_BOUND}(?![^\W_])"), term)
    for pattern, term in (
        (rf"p(\d+)y|{_COUNT}[\s-]*(?:years?|yrs?|y)", "years"),
        (rf"p(\d+)m|{_COUNT}[\s-]*(?:months?|mths?|mos?)", "months"),
        ("annual(?:ly)?|yearly|jahrlich|annuel(?:le)?|anual", YEARLY),
        ("month[\\s-]to[\\s-]month|m2m|mtm|monthly|mthly|monatlich|mensuel(?:le)?|mensual", MONTHLY),
    )
)
_CYCLE = "(?:month|annual|year|mo|yr)(?:ly)?"
_PAYMENT = re.compile(
    rf"(?<![^\W_])(?:billed|paid|payable|per|a|each)[\s/-]*{_CYCLE}(?![^\W_])"
    rf"|(?<![^\W_])(?:for )?{_CYCLE}[\s-]*(?:billing|payments?)(?![^\W_])"
    rf"|/\s*{_CYCLE}(?![^\W_])"
)
_SYNONYMS = {
    short: long
    for long, shorts in {
        "advanced": "adv",
        "archiving": "archive",
        "backup": "bkp bu",
        "business": "bus",
        "business basic": "busbasic",
        "business central": "bc",
        "device": "devices",
        "documentation": "docs",
        "endpoint": "ep endpt",
        "enterprise": "ent",
        "essentials": "ess",
        "license": "lic licence licences licenses",
        "managed": "mgd",
        "management": "mgmt",
        "premium": "prem",
        "professional": "prof",
        "protection": "prot",
        "seat": "seats",
        "security": "sec",
        "security awareness training": "sat",
        "server": "srv svr servers srvs svrs",
        "standard": "std",
        "storage": "stor",
        "subscription": "sub subscriptions",
        "user": "users",
        "workstation": "workstations wkstn wks ws",
    }.items()
    for short in shorts.split()
}
_FILLERS = word_set(
    "license subscription seat user per msp corporate commercial for the a an of and in with from prepaid"
    " commit commitment term sku unit month year monthly"
)
_VENDORS = word_set(
    "microsoft ms google acronis datto veeam nable able dropsuite axcient wasabi ninjaone ninja connectwise"
    " atera kaseya auvik huntress sentinelone crowdstrike bitdefender sophos eset webroot proofpoint mimecast"
    " barracuda knowbe4 cisco dnsfilter keeper threatlocker fortinet watchguard sonicwall adobe ringcentral"
    " 3cx 8x8 zoom cloudflare egnyte pax8 ingram tdsynnex also trendmicro trend malwarebytes opentext"
    " carbonite solarwinds n sherweb it glue"
)
_EDITIONS = word_set(
    "basic standard premium plus pro professional enterprise business essentials advanced complete core"
    " control elite go entry starter growth power superpower ultimate ultra unlimited lite free kiosk"
    " frontline government education nonprofit beginner silver gold platinum diamond select single all one"
    " advantage premier performance governance suite server workstation mobile device archiving xdr mdr edr"
    " itdr siem no without rooms phone process on demand family total virtual machine exchange sharepoint"
    " onedrive teams google m365 o365 d365 w365 email disaster security backup endpoint mail sales customer"
    " infinite plan agent unified team members"
)


@dataclass(frozen=True)
class Item:
    """One name of a product, taken apart. ``term`` is empty where the name says none; ``marks`` are plans,
    sizes and numbers.
    """

    words: tuple[str, ...]
    marks: frozenset[str]
    term: str


def read(name: str, term: str = "") -> Item:
    """Take a name apart; ``term`` is the commitment that the bill states with it."""
    text = _SUITE.sub(_suite, fold(_MARKS_OF_TRADE.sub(" ", name)))
    for pattern, replacement in _PHRASES:
        text = pattern.sub(replacement, text)
    text, named = _take_term(_PAYMENT.sub(" ", text))
    words = [part for word in words_of(text) for part in _SYNONYMS.get(word, word).split()]
    plain = tuple(word for word in words if not has_digit(word) or word in _VENDORS or word in _EDITIONS)
    return Item(plain, frozenset(words) - frozenset(plain), read_term(term) or named)


def read_term(term: str) -> str:
    """Return a commitment as a vendor writes it (P1Y, Annual, 12 Months) in one spelling; an unknown one as
    it is, folded.
    """
    text = fold(term).strip()
    if not text:
        return ""
    left, named = _take_term(_PAYMENT.sub(" ", text))
    return named or {"month": MONTHLY, "year": YEARLY}.get(left.strip(), " ".join(words_of(left)))


def weight(word: str) -> float:
    """Return how much a word says about which product it is, before its rarity: a filler or the vendor's own
    name hardly anything.
    """
    return 0.06 if word in _FILLERS or word in _VENDORS else 1.0


def tells_apart(word: str) -> bool:
    """Whether the word serves to distinguish siblings: an edition, or what it is for."""
    return word in _EDITIONS


def _suite(found: re.Match[str]) -> str:
    """A suite and its number become one word, also with a typing error in the name: the number is neither a
    size nor a plan.
    """
    word = found[1]
    if word in _SUITES_SHORT:
        return f" {_SUITES_SHORT[word]} "
    name = next(
        (name for name in _SUITES if len(word) > 4 and OSA.distance(word, name, score_cutoff=1) <= 1), ""
    )
    return f" {_SUITES[name]} " if name else found[0]


def _take_term(text: str) -> tuple[str, str]:
    """Separate a text from the commitments it names; the first kind of them counts."""
    terms = []
    for pattern, kind in _TERMS:
        found = pattern.search(text)
        if not found:
            continue
        text = pattern.sub(" ", text)
        if kind in (MONTHLY, YEARLY):
            terms.append(kind)
        else:
            number = next(group for group in found.groups() if group)
            months = int(NUMBERS.get(number, number)) * (12 if kind == "years" else 1)
            terms.append({1: MONTHLY, 12: YEARLY}.get(months, f"{months} months"))
    return text, terms[0] if terms else ""
