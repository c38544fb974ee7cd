"""Which product a SKU may be: plan, size, edition and commitment must not differ.

Belongs here: ``catalogue`` by examples. Does not: how often it is right (``bench.mapping``).
"""

from __future__ import annotations

import pytest

from mbr_pipeline.mapping_help.match_products import Products
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD, Alias, Answer, Candidate, Unmapped, answer

NAMES = {
    "BB": "Microsoft 365 Business Basic",
    "BP-M": "Microsoft 365 Business Premium (monthly)",
    "BP-A": "Microsoft 365 Business Premium (annual, prepaid)",
    "E3": "Microsoft 365 E3",
    "O-E3": "Office 365 E3",
    "EXO1": "Exchange Online Plan 1",
    "ENTRA1": "Entra ID P1",
    "ST50": "Hosted Storage 50GB",
    "ST100": "Hosted Storage 100GB",
    "BK-S": "Acronis Backup Server",
    "BK-W": "Acronis Backup Workstation",
    "SIEM": "Managed SIEM",
    "TEAMS": "Teams Essentials (annual)",
    "SAAS": "SaaS Protection for Microsoft 365",
    "MDR-C": "Sophos MDR Complete",
}
PRODUCTS = Products(Candidate(code, name) for code, name in NAMES.items())


def _asked(
    name: str,
    term: str = "",
    sku: str = "K0001",
    products: Products = PRODUCTS,
    threshold: int = DEFAULT_THRESHOLD,
) -> Answer:
    return answer(products.score(Unmapped("pax8", sku, (name,) if name else (), term)), threshold, "product")


def _found(name: str, term: str = "", sku: str = "K0001") -> str | None:
    suggestions = _asked(name, term, sku).suggestions
    return suggestions[0].id if suggestions else None


SAME = {
    "the same": ("Microsoft 365 Business Basic", "", "BB"),
    "short": ("M365 Bus. Basic [NCE]", "P1M", "BB"),
    "monthly by the bill": ("Microsoft 365 Business Premium [NCE]", "P1M", "BP-M"),
    "yearly by the bill": ("Microsoft 365 Business Premium [NCE]", "Annual", "BP-A"),
    "yearly by the name": ("Microsoft 365 Business Premium - 1 Year", "", "BP-A"),
    "a plan in parentheses": ("Exchange Online (Plan 1)", "Monthly", "EXO1"),
    "an old name": ("Azure AD P1", "", "ENTRA1"),
    "a size with a blank": ("Hosted Storage, 100 GB", "", "ST100"),
    "without the vendor": ("Backup Workstation", "", "BK-W"),
    "with a filler": ("Acronis Backup Server license - per month", "", "BK-S"),
    "another order": ("Complete MDR Sophos", "", "MDR-C"),
    "a slip": ("Managd SIEM", "", "SIEM"),
}


@pytest.mark.parametrize("case", SAME)
def test_another_spelling_of_the_name_is_the_product(case: str) -> None:
    name, term, code = SAME[case]
    assert _found(name, term) == code


DIFFERENT = {
    "another edition": ("Microsoft 365 Business Standard", ""),
    "no edition": ("Microsoft 365 Business", ""),
    "another plan": ("Exchange Online (Plan 2)", ""),
    "no plan": ("Exchange Online", ""),
    "a plan of something else": ("Intune Plan 1", ""),
    "another size": ("Hosted Storage 250GB", ""),
    "another suite": ("Dynamics 365 E3", ""),
    "a variant": ("Microsoft 365 E3 (no Teams)", ""),
    "another device": ("Acronis Backup Virtual Machine", ""),
    "another cloud": ("SaaS Protection for Google Workspace", ""),
    "another commitment": ("Teams Essentials", "P1M"),
    "two commitments, none said": ("Microsoft 365 Business Premium", ""),
    "a commitment that is not said": ("Teams Essentials", ""),
    "another service": ("Managed EDR", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_nothing_is_suggested_rather_than_the_wrong_product(case: str) -> None:
    name, term = DIFFERENT[case]
    assert _found(name, term) is None


def test_a_product_for_all_commitments_takes_each() -> None:
    assert {_found("Office 365 E3", term) for term in ("", "P1M", "P1Y", "P3Y")} == {"O-E3"}


def test_a_product_that_says_no_commitment_gives_way_to_the_one_that_says_it() -> None:
    products = Products(
        [
            Candidate("ANY", "Visio Plan 1"),
            Candidate("YEAR", "Visio Plan 1 (annual)"),
            Candidate("X", "Intune Suite"),
        ]
    )
    assert [s.id for s in _asked("Visio Plan 1", "P1Y", products=products).suggestions] == ["YEAR"]
    assert [s.id for s in _asked("Visio Plan 1", "P1M", products=products).suggestions] == ["ANY"]
    assert [s.id for s in _asked("Visio Plan 1", "", products=products).suggestions] == ["ANY"]
    assert [products.is_for_one_term(code) for code in ("ANY", "YEAR", "X")] == [True, True, False]


def test_the_reason_names_what_differs() -> None:
    [suggestion] = _asked("Managd SIEM").suggestions
    assert "“managd” for “managed”" in suggestion.because
    [low] = [s for s in _asked("Exchange Online (Plan 2)", threshold=30).suggestions if s.id == "EXO1"]
    assert "“p2” is not “p1”" in low.because


def test_an_id_that_is_the_products_code_tells_the_product() -> None:
    assert _found("", sku="siem") == "SIEM"
    assert _found("Something else", sku="BP_M") == "BP-M"
    assert _found("Something else", "P1Y", sku="BP_M") is None  # the code is the one for months


def test_a_number_is_no_code() -> None:
    products = Products([Candidate("1001", "Firewall"), Candidate("1002", "Router")])
    assert _asked("Switch", sku="1001", products=products).suggestions == ()


def test_the_same_sku_at_another_vendor_is_known_for_its_commitment_only() -> None:
    alias = Alias("CFQ7TTC0LCHC:0002", "line 3 maps it", "ingram", "P1Y")
    products = Products([Candidate("A", "Suite yearly", ids=(alias,)), Candidate("B", "Suite monthly")])
    assert _asked("", "Annual", "CFQ7TTC0LCHC/0002", products).suggestions[0].because == "line 3 maps it"
    assert _asked("", "P1M", "CFQ7TTC0LCHC/0002", products).suggestions == ()
    assert _asked("", "", "CFQ7TTC0LCHC/0002", products).suggestions == ()
