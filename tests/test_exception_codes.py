"""The one list of codes, held against the contract's §5 as written out by hand here.

Belongs here: which codes there are, their order, severity, whom they hold and where their money stands. That
pages and programs say the same is ``tests/docs`` and the modules' own tests.
"""

from __future__ import annotations

from mbr_pipeline.exception_codes import codes_of, exception_codes, meaning_of, place_of, remedy_of

# contract §5, its tables in order: code, severity, blocks, where its money stands
CLIENT = """
CURRENCY_MISMATCH error always none
COST_PLUS_UNDERBILLED error impact client
COST_PLUS_OVERBILLED error impact client
BILLED_NOT_PROVIDED error impact client
AGREEMENT_NOT_INVOICED error impact client
AGREEMENT_ENDED error impact client
UNBILLED_PRODUCT error impact client
MID_PERIOD_CHANGE_NOT_PRORATED error impact client
UNDERBILLED_QUANTITY error impact client
OVERBILLED_QUANTITY error impact client
INVOICE_PRICE_MISMATCH error impact client
INVOICE_AMOUNT_MISMATCH error impact client
ROUNDING info never client
SOLD_BELOW_COST error always none
MARGIN_BELOW_FLOOR info never none
"""
VENDOR = """
DUPLICATE_VENDOR_CHARGE warning never vendor
UNMAPPED_CUSTOMER warning never cost
UNMAPPED_SKU warning never cost
UNMAPPED_PRODUCT warning never none
USAGE_NOT_METERED warning never cost
LATE_CHARGE warning never client
VENDOR_AMOUNT_MISMATCH warning never vendor
VENDOR_PRICE_CHANGE warning never vendor
VENDOR_QUANTITY_OVER warning never vendor
VENDOR_QUANTITY_UNDER warning never vendor
UNUSED_LICENSES info never stranded
"""
CONTROLS = (
    "SOURCE_MISSING",
    "SOURCE_EMPTY",
    "SCHEMA_DRIFT",
    "ROW_REJECTED",
    "REFERENCE_MISSING",
    "CONTROL_TOTAL_MISMATCH",
    "SOURCE_STALE",
    "DOUBLE_LANDING",
    "COVERAGE_TOO_LOW",
    "CONSERVATION_BROKEN",
)


def rows(kind: str) -> list[str]:
    return [
        f"{code.code} {code.severity} {code.blocks} {code.impact}"
        for code in exception_codes().values()
        if code.kind == kind
    ]  # fmt: skip


def test_every_code_has_the_contracts_severity_and_place() -> None:
    assert rows("client") == CLIENT.split("\n")[1:-1]
    assert rows("vendor") == VENDOR.split("\n")[1:-1]
    assert codes_of("control") == CONTROLS
    assert [code.order for code in exception_codes().values()] == list(range(1, len(exception_codes()) + 1))


def test_volume_codes_are_those_up_to_the_invoice_lines() -> None:
    volume = [code.code for code in exception_codes().values() if code.is_volume_code]
    assert volume == [line.split()[0] for line in CLIENT.split("\n")[1:11]]


def test_only_rounding_clears_itself() -> None:
    assert {
        code.code: code.first_status for code in exception_codes().values() if code.first_status != "open"
    } == {"ROUNDING": "auto_cleared"}


def test_every_code_has_its_words_and_all_but_rounding_say_what_clears_them() -> None:
    for name, code in exception_codes().items():
        assert code.meaning[0].isupper() and code.meaning.endswith("."), name
        assert code.cleared_when is not None or name == "ROUNDING", name
        assert not (code.cleared_when or "").endswith("."), (
            f"{name}: the full stop is set where the sentence is made"
        )
        assert "ontract" not in code.meaning + (code.cleared_when or "") and "§" not in code.meaning


def test_a_name_that_is_no_code_stands_last_and_has_no_words() -> None:
    assert place_of("CURRENCY_MISMATCH") == 1
    assert place_of("ANOTHER") == len(exception_codes()) + 1
    assert meaning_of("ANOTHER") == remedy_of("ANOTHER") == remedy_of("ROUNDING") == ""
    assert remedy_of("UNUSED_LICENSES") == "Cleared when the licences are assigned or given back."
