"""The second engine on files that tell the same twice, that are of another month, or that another replaces,
worked out by hand.

Belongs here: DOUBLE_LANDING, SOURCE_STALE, ``files: replace``. Does not: rejected rows (``test_landing``).
"""

from __future__ import annotations

from pathlib import Path

from tests.recompute.handmade import (
    END,
    START,
    Handmade,
    codes,
    counted,
    invoiced,
    key,
    run,
    write_csv,
)

PROFILE = """      dist:
        connector: mapped
        datasets: [vendor_charges]
        settings:
          vendor_charges:
            dates: YYYY-MM-DD
            columns:
              line_id: {made_of: content}
              invoice_id: {constant: V-1}
              vendor_customer_id: Kunde
              sku_id: Artikel
              charge_category: {constant: recurring}
              quantity: Menge
              unit_cost: Preis
              amount: Betrag
              currency: {constant: USD}
              charge_period_start: Von
              charge_period_end: Bis
"""
PLAIN = "      dist: {datasets: [vendor_charges]}\n"


def export(world: Handmade, name: str, *quantities: str) -> None:
    """An export of one line per quantity at 2.00, each of a SKU of its own."""
    rows = [
        {
            "Kunde": "vc1",
            "Artikel": f"S{number}",
            "Menge": quantity,
            "Preis": "2",
            "Betrag": str(2 * int(quantity)),
            "Von": START,
            "Bis": END,
        }
        for number, quantity in enumerate(quantities, start=1)
    ]
    write_csv(world.root / "landing" / "msp" / "2025-04" / "dist" / f"vendor_charges.{name}.csv", rows)


def settle(world: Handmade, more: str = "") -> None:
    """Declare dist by the profile."""
    world.declare("dist", "vendor_charges")
    text = (world.finish() / "mbr.yml").read_text()
    assert PLAIN in text
    world.finish = lambda: _write(world.root, text.replace(PLAIN, PROFILE + more))  # type: ignore[method-assign]


def _write(root: Path, text: str) -> Path:
    (root / "mbr.yml").write_text(text)
    return root


def test_a_correction_beside_its_export_blocks_the_month(world: Handmade) -> None:
    world.land("invoice_lines", invoiced("a", "25", "10", "250"))
    export(world, "old", "23", "4", "9")
    settle(world)
    assert run(world).reasons == []
    export(world, "new", "25", "4")
    result = run(world)
    # both lines of the smaller file have a partner
    assert result.reasons == ["DOUBLE_LANDING"]
    assert key(result)["verdict"] == "unreconciled"
    (row,) = [r for r in result.control_totals if r["control"] == "DOUBLE_LANDING" and r["source"] == "dist"]
    assert (row["expected"], row["actual"], row["scope"]) == (0, 1, "2 files")


def test_files_of_other_lines_and_one_export_in_two_forms_do_not(world: Handmade) -> None:
    world.land("invoice_lines", invoiced("a", "23", "10", "230"))
    export(world, "old", "23", "4", "9")
    settle(world)
    folder = world.root / "landing" / "msp" / "2025-04" / "dist"
    text = (folder / "vendor_charges.old.csv").read_bytes()
    (folder / "vendor_charges.again.csv").write_bytes(text.replace(b"\r\n", b"\n"))
    other = text.replace(b"vc1,S2", b"vc2,S2").replace(b"vc1,S3", b"vc3,S3")
    (folder / "vendor_charges.other.csv").write_bytes(other)
    result = run(world)
    # one of three lines has a partner, which is less than half
    assert result.reasons == [] and key(result)["vendor_unit_days"] == 23 * 30


def test_a_file_that_replaces_leaves_the_last_one_by_name(world: Handmade) -> None:
    world.land("invoice_lines", invoiced("a", "25", "10", "250"))
    export(world, "2025-04-09", "30", "4", "9")
    export(world, "2025-04-10", "25")
    settle(world, "        files: replace\n")
    result = run(world)
    assert (result.reasons, codes(result)) == ([], [])
    assert key(result)["vendor_unit_days"] == 25 * 30


def test_one_count_in_two_files_blocks_however_much_it_counts(world: Handmade) -> None:
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    path = world.land("license_counts", counted("2025-04-10", "S1", "5"), counted("2025-04-20", "S1", "5"))
    write_csv(path.with_name("license_counts.more.csv"), [counted("2025-04-11", "S1", "5")])
    assert "DOUBLE_LANDING" not in run(world).reasons
    write_csv(path.with_name("license_counts.more.csv"), [counted("2025-04-20", "S1", "6")])
    assert run(world).reasons == ["DOUBLE_LANDING"]
    path.with_name("license_counts.more.csv").write_bytes(path.read_bytes())
    assert run(world).reasons == []


def test_counts_of_another_month_alone_are_stale(world: Handmade) -> None:
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    other = counted("2025-03-31", "S1", "5") | {"vendor_customer_id": "vc2"}
    world.land("license_counts", counted("2025-03-31", "S1", "5"), other)
    result = run(world)
    assert result.reasons == ["SOURCE_STALE"]
    (row,) = [r for r in result.control_totals if r["control"] == "SOURCE_STALE"]
    assert (row["expected"], row["actual"], row["passed"], row["scope"]) == (1, 0, False, "1 files")
    # one customer of the month is enough; the other one is a matter for a warning
    world.land("license_counts", counted("2025-04-01", "S1", "5"), other)
    assert run(world).reasons == []
