"""The second engine on own seats, ignored customers and trials, and on ids in one case, worked out by hand.

Belongs here: the words of client_map and sku_map, GUIDs. Does not: what lacks a rule (``test_map_first``).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from mbr_pipeline.errors import ConfigError
from tests.recompute.handmade import (
    Handmade,
    charge,
    clean,
    codes,
    counted,
    disposed,
    found,
    invoiced,
    key,
    mapped,
    run,
)

GUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def customers(world: Handmade, **clients: str) -> None:
    """Map customers of both vendors to clients or words."""
    world.rule(
        "client_map",
        *(
            {"source": source, "vendor_customer_id": customer, "client_id": client}
            for source in ("dist", "rmm")
            for customer, client in clients.items()
        ),
    )


def excluded(world: Handmade) -> list[tuple[str, str, Decimal]]:
    """Source, scope and cost of what the control totals tell about words."""
    rows = (row for row in run(world).control_totals if row["control"] == "excluded")
    return [(row["source"], row["scope"], row["actual"]) for row in rows]


def test_own_seats_enter_no_key_and_keep_the_vendors_findings_without_a_client(world: Handmade) -> None:
    customers(world, vc1="acme", own="!internal")
    half = {"charge_period_end": "2025-04-16", "vendor_customer_id": "own"}
    world.land(
        "vendor_charges",
        charge("1", "5", "2", "10"),
        charge("2", "4", "2", "8", vendor_customer_id="own"),
        charge("3", "4", "2", "9", vendor_customer_id="own", subscription_id="b"),
        charge("4", "4", "2", "8", vendor_customer_id="own", invoice_id="V-2"),
        charge("5", "1", "7", "7", sku_id="S8", **half),
        charge("6", "1", "3", "3", vendor_customer_id="own", charge_category="usage"),
    )
    world.land(
        "license_counts",
        counted("2025-04-01", "S1", "5"),
        counted("2025-04-20", "S1", "8", "6") | {"vendor_customer_id": "own"},
        source="dist",
    )
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert [(row["client_id"], row["verdict"]) for row in result.reconciliation] == [("acme", "matched")]
    # 4 and 4 are billed, 8 counted: no quantity finding; 2 of 8 are unused at 2.00.
    assert codes(result) == ["DUPLICATE_VENDOR_CHARGE", "UNUSED_LICENSES", "VENDOR_AMOUNT_MISMATCH"]
    assert found(result, "UNUSED_LICENSES")["stranded"] == Decimal("4.00")
    assert found(result, "VENDOR_AMOUNT_MISMATCH")["vendor_claim"] == Decimal("1.00")
    assert {(row["client_id"], row["product_code"]) for row in result.exceptions} == {(None, None)}
    assert disposed(result, "vendor") == {
        "1": ("matched", None),
        "2": ("excluded", "internal"),
        "3": ("excluded", "internal"),
        "4": ("exception", "DUPLICATE_VENDOR_CHARGE"),
        "5": ("excluded", "internal"),
        "6": ("excluded", "internal"),
    }
    # 8 + 9 + 7 + 3; the repeated line costs nothing. All of it is mapped.
    assert excluded(world) == [("dist", "internal USD", Decimal(27))]
    assert result.coverage == {"USD": (Decimal(37), Decimal(37))} and clean(result)


def test_of_an_ignored_customer_only_a_repeated_line_is_told(world: Handmade) -> None:
    customers(world, vc1="acme", lab="!ignore")
    world.land(
        "vendor_charges",
        charge("1", "5", "2", "10"),
        charge("2", "4", "2", "9", vendor_customer_id="lab"),
        charge("3", "4", "2", "9", vendor_customer_id="lab", invoice_id="V-2"),
    )
    world.land("license_counts", counted("2025-04-20", "S1", "9", "6") | {"vendor_customer_id": "lab"})
    world.land(
        "license_counts", counted("2025-04-20", "S1", "9", "6") | {"vendor_customer_id": "lab"}, source="dist"
    )
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert codes(result) == ["DUPLICATE_VENDOR_CHARGE"]
    row = found(result, "DUPLICATE_VENDOR_CHARGE")
    assert (row["vendor_claim"], row["client_id"], row["vendor_customer_id"]) == (
        Decimal("9.00"),
        None,
        "lab",
    )
    assert disposed(result, "vendor")["2"] == ("excluded", "ignored")


def test_a_trial_counts_as_seats_until_it_is_said_to_be_billed_to_nobody(world: Handmade) -> None:
    trial = charge("2", "25", "0", "0", sku_id="S1", term="trial")
    world.land("vendor_charges", charge("1", "5", "2", "10"), trial)
    world.land("invoice_lines", invoiced("a", "5", "22", "110"))
    assert found(run(world), "UNDERBILLED_QUANTITY")["client_recoverable"] == Decimal("550.00")
    world.rule("sku_map", mapped("S1", "mail"), mapped("S1", "!not_billed", term="trial"))
    result = run(world)
    assert (codes(result), key(result)["verdict"]) == ([], "matched")
    assert disposed(result, "vendor") == {"1": ("matched", None), "2": ("excluded", "not_billed")}
    assert excluded(world) == [("dist", "not_billed USD", Decimal(0))]


def test_of_two_words_the_clients_is_the_reason_and_one_is_mapping_enough(world: Handmade) -> None:
    customers(world, vc1="acme", own="!internal")
    world.rule("sku_map", mapped("S1", "mail"), mapped("T1", "!not_billed"))
    world.land(
        "vendor_charges",
        charge("1", "5", "2", "10"),
        charge("2", "1", "0", "0", vendor_customer_id="own", sku_id="T1"),
        charge("3", "1", "0", "0", vendor_customer_id="own", sku_id="unknown"),
        charge("4", "1", "0", "0", vendor_customer_id="stranger", sku_id="T1"),
    )
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert codes(result) == []
    reasons = {line: reason for line, (_, reason) in disposed(result, "vendor").items()}
    assert reasons == {"1": None, "2": "internal", "3": "internal", "4": "not_billed"}


def test_a_trials_count_is_no_snapshot_date_of_the_seats_beside_it(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.rule("sku_map", mapped("S1", "mail", "rmm"), mapped("T1", "!not_billed", "rmm"))
    world.land("license_counts", counted("2025-04-10", "S1", "6"), counted("2025-04-20", "T1", "25", "20"))
    world.land("invoice_lines", invoiced("a", "6", "10", "60"))
    result = run(world)
    # Were the 20th a date, S1 would be absent on it: 6 seats for 19 days.
    assert (key(result)["expected_unit_days"], key(result)["verdict"]) == (180, "matched")
    row = found(result, "UNUSED_LICENSES")
    assert (row["sku_id"], row["stranded"], row["client_id"], row["currency"]) == ("T1", 0, None, None)


def test_a_client_whose_counts_are_all_trials_was_counted_by_nobody(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.rule("sku_map", mapped("S1", "mail", "rmm"), mapped("T1", "!not_billed", "rmm"))
    world.land("license_counts", counted("2025-04-20", "T1", "25"))
    world.land("invoice_lines", invoiced("a", "6", "10", "60"))
    assert key(run(world))["verdict"] == "unreconcilable"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("client_map", {"source": "dist", "vendor_customer_id": "vc1", "client_id": "!intern"}),
        ("client_map", {"source": "dist", "vendor_customer_id": "vc1", "client_id": "!not_billed"}),
        ("sku_map", mapped("S1", "!internal")),
        ("sku_map", mapped("S1", "mail", units_per="0")),
    ],
)
def test_other_words_and_no_units_are_errors_of_the_settings(
    world: Handmade, name: str, row: dict[str, str]
) -> None:
    world.rule(name, row)
    world.land("invoice_lines", invoiced("a", "6", "10", "60"))
    with pytest.raises(ConfigError, match=f"{name}.csv line 2"):
        run(world)


def test_ids_of_hexadecimal_digits_are_one_whatever_their_case(world: Handmade) -> None:
    customers(world, **{GUID.upper(): "acme", "VC1": "other"})
    shouted = {"vendor_customer_id": GUID.upper(), "subscription_id": GUID.upper()}
    spoken = {"vendor_customer_id": GUID, "subscription_id": GUID, "line_id": "2"}
    world.land("vendor_charges", charge("1", "5", "2", "10", **shouted), charge("1", "5", "2", "10") | spoken)
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    # The second line repeats the first; vc1 and VC1 stay two.
    assert codes(result) == ["DUPLICATE_VENDOR_CHARGE"]
    row = found(result, "DUPLICATE_VENDOR_CHARGE")
    assert (row["line_id"], row["vendor_customer_id"], row["client_id"]) == ("2", GUID, "acme")
    assert key(result)["verdict"] == "matched"


def test_a_record_landed_again_with_its_ids_in_the_other_case_is_the_same_record(world: Handmade) -> None:
    world.land("vendor_charges", charge(GUID, "5", "2", "10"), charge(GUID.upper(), "5", "2", "10"))
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert (result.reasons, codes(result)) == ([], [])
    assert list(disposed(result, "vendor")) == [GUID]


def test_a_detail_tells_lines_apart_that_are_equal_otherwise(world: Handmade) -> None:
    world.land(
        "vendor_charges", charge("1", "1", "2", "2", detail="ann"), charge("2", "1", "2", "2", detail="bob")
    )
    world.land("invoice_lines", invoiced("a", "2", "10", "20"))
    assert codes(run(world)) == []
    world.land(
        "vendor_charges", charge("1", "1", "2", "2", detail="ann"), charge("2", "1", "2", "2", detail="ann")
    )
    assert codes(run(world)) == ["DUPLICATE_VENDOR_CHARGE", "OVERBILLED_QUANTITY"]


def test_two_invoices_may_number_their_lines_alike(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    dear = invoiced("1", "3", "10", "33", invoice_id="I-2")
    world.land("invoice_lines", invoiced("1", "2", "10", "20"), dear)
    result = run(world)
    assert result.reasons == []
    row = found(result, "INVOICE_AMOUNT_MISMATCH")
    assert (row["invoice_id"], row["line_id"], row["client_refund"]) == ("I-2", "1", Decimal("3.00"))
    disposition = {
        row["invoice_id"]: row["reason"] for row in result.line_dispositions if row["leg"] == "invoice"
    }
    assert disposition == {"I-1": None, "I-2": "INVOICE_AMOUNT_MISMATCH"}


def test_byte_order_marks_inside_a_file_are_no_part_of_ids(world: Handmade) -> None:
    world.land("invoice_lines", invoiced("a", "10", "10", "100"))
    path = world.land(
        "vendor_charges", charge("1", "5", "2", "10"), charge("2", "5", "2", "10", invoice_id="V-2")
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(
        "\ufeff" + text.replace("\n2,", "\n\ufeff2,").replace("vc1", "\ufeffvc1"), encoding="utf-8"
    )
    result = run(world)
    assert {row["line_id"] for row in result.line_dispositions if row["leg"] == "vendor"} == {"1", "2"}
    assert found(result, "DUPLICATE_VENDOR_CHARGE")["vendor_customer_id"] == "vc1"


def test_a_sku_that_is_also_a_trial_is_counted_for_the_client_who_buys_it(world: Handmade) -> None:
    world.rule("sku_map", mapped("S1", "mail"), mapped("S1", "!not_billed", term="trial"))
    later = {"charge_period_start": "2025-04-20", "term": "trial"}
    world.land("vendor_charges", charge("1", "5", "2", "10"), charge("2", "4", "0", "0", **later))
    world.land("license_counts", counted("2025-04-25", "S1", "6"), source="dist")
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    row = found(run(world), "VENDOR_QUANTITY_OVER")
    # 9 billed, 6 counted at 2.00; the latest line is a trial's and names nobody, the count names acme's mail
    assert (row["vendor_claim"], row["client_id"], row["product_code"]) == (Decimal("6.00"), "acme", "mail")
