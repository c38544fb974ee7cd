"""`mbr profile`: what it proposes from a sample, what it leaves to a person, and that what it prints is
read back.

Belongs here: ``mbr_pipeline.profiling`` and the printed block. Does not: reading by a profile
(tests/connectors/mapped/test_mapped.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import load_settings
from tests.cli.profile.sampling import GERMAN, Sampled, printed


def loaded(tmp_path: Path, block: str) -> Any:
    """What mbr.yml makes of a printed block below its sources."""
    head = "msps:\n  acme:\n    name: Acme\n    sources:\n      psa: {datasets: [invoice_lines]}\n"
    (tmp_path / "mbr.yml").write_text(head + block, encoding="utf-8")
    return load_settings(tmp_path).msps["acme"].sources["distri"]


def test_a_file_that_leaves_no_doubt_is_proposed_whole_and_loads_as_it_is_printed(
    sampled: Sampled, tmp_path: Path
) -> None:
    proposal = sampled(GERMAN.encode("cp1252"))
    assert proposal.settings == {
        "encoding": "cp1252",
        "delimiter": ";",
        "dates": "DD.MM.YYYY",
        "decimals": ",",
        "thousands": ".",
        "columns": {
            "line_id": "Pos",
            "invoice_id": "Rechnungsnr",
            "vendor_customer_id": "Kundennr",
            "vendor_customer_name": "Kunde",
            "sku_id": "Artikelnr",
            "sku_name": "Bezeichnung",
            "charge_category": {"heading": "Art", "values": {"Lizenz": "recurring", "Gutschrift": "credit"}},
            "charge_type": "Art",
            "quantity": {"heading": "Menge", "sign_of": "Betrag"},
            "unit_cost": "Einzelpreis",
            "amount": "Betrag",
            "currency": "Währung",
            "charge_period_start": "Leistung von",
            "charge_period_end": {"heading": "Leistung bis", "take": "day_after"},
        },
    }
    text = printed(tmp_path / "sample.csv")
    assert "# Nothing is TODO" in text
    source = loaded(tmp_path, text)
    assert (source.connector, source.datasets, source.settings) == (
        "mapped",
        ["vendor_charges"],
        {"vendor_charges": proposal.settings},
    )
    # every word and every column says why
    bare = [line for line in text.splitlines() if re.match(r" {12,14}\w+:", line) and "  # " not in line]
    assert [line.strip() for line in bare] == ["columns:"]


def test_the_first_rows_are_shown_as_they_would_come_out(sampled: Sampled, tmp_path: Path) -> None:
    sampled(GERMAN.encode("cp1252"))
    rows = dict(re.findall(r"^#   (\w+) +(.*)$", printed(tmp_path / "sample.csv"), re.MULTILINE))
    assert [cell.strip() for cell in rows["quantity"].split("|")] == ["1200", "-1"]
    assert [cell.strip() for cell in rows["amount"].split("|")] == ["600", "-3.25"]
    assert [cell.strip() for cell in rows["charge_period_end"].split("|")] == ["2026-11-01", "2026-11-01"]
    assert [cell.strip() for cell in rows["vendor_customer_name"].split("|")] == ["Müller", "Müller"]


def test_what_is_todo_is_refused_until_it_is_filled_in(sampled: Sampled, tmp_path: Path) -> None:
    sampled(
        GERMAN.replace("Währung", "Whatever").replace("EUR", "W1").replace("Lizenz", "Dings").encode("cp1252")
    )
    text = printed(tmp_path / "sample.csv")
    assert "# 2 TODO to fill in." in text
    with pytest.raises(
        ConfigError, match=r"vendor_charges.columns.charge_category.values.Dings still says TODO"
    ):
        loaded(tmp_path, text)
    with pytest.raises(ConfigError, match=r"vendor_charges.columns.currency still says TODO"):
        loaded(tmp_path, text.replace("Dings: TODO", "Dings: recurring"))
    filled = text.replace("Dings: TODO", "Dings: recurring").replace(
        "currency: TODO", "currency: {constant: EUR}"
    )
    assert loaded(tmp_path, filled).settings["vendor_charges"]["columns"]["currency"] == {"constant": "EUR"}


def test_dates_that_two_forms_read_are_left_to_a_person_and_their_columns_are_not_shown(
    sampled: Sampled, tmp_path: Path
) -> None:
    pointed = GERMAN.replace("1.200;0,50;600,00", "1200;0.50;600.00").replace("-3,25", "-3.25")
    text = pointed.replace("01.10.2026", "03/04/2026").replace("31.10.2026", "05/06/2026")
    proposal = sampled(text)
    # by either form the rows are longer than a month, which is asked too
    assert (proposal.words["dates"], proposal.columns["charge_period_end"]) == ("TODO", "TODO")
    assert proposal.why["dates"] == "DD/MM/YYYY or MM/DD/YYYY: no row decides, such as 03/04/2026"
    shown = printed(tmp_path / "sample.csv")
    assert "not decided: charge_period_start, charge_period_end\n" in shown
    assert not re.search(r"^#   charge_period", shown, re.MULTILINE)
    # one row that only one form reads decides for all columns
    assert sampled(text.replace("05/06/2026", "05/13/2026", 1)).words["dates"] == "MM/DD/YYYY"
    assert sampled(text.replace("05/06/2026", "13/05/2026", 1)).words["dates"] == "DD/MM/YYYY"


def test_the_end_of_a_period_is_decided_by_whole_months_that_agree(sampled: Sampled) -> None:
    def take(first: str, second: str) -> Any:
        proposal = sampled(GERMAN.replace("31.10.2026", first, 1).replace("31.10.2026", second, 1))
        return proposal.columns["charge_period_end"]

    bis = {"heading": "Leistung bis"}
    assert take("31.10.2026", "15.10.2026") == {**bis, "take": "day_after"}
    assert take("01.11.2026", "15.10.2026") == "Leistung bis"
    assert take("01.11.2026", "31.10.2026") == {**bis, "take": "TODO"}
    assert take("14.10.2026", "15.10.2026") == {**bis, "take": "TODO"}


@pytest.mark.parametrize(
    ("amounts", "decimals"),
    [
        (("600", "3"), "TODO"),
        (("1.234", "1"), "TODO"),
        (("1,234", "-1,234"), "TODO"),
        (("1.234", "1.23"), "."),
        (("1.234", "1,5"), ","),
        (("1.234.567", "1"), ","),
        (("1,234,567", "1"), "."),
        (("12.50", "12,50"), "TODO"),
        (("zwei", "1"), "TODO"),
    ],
)
def test_the_decimal_mark_is_proposed_only_where_a_value_decides(
    sampled: Sampled, amounts: tuple[str, str], decimals: str
) -> None:
    proposal = sampled(
        f"Invoice No;Amount;Currency\nR-1;{amounts[0]};EUR\nR-2;{amounts[1]};EUR\n", "vendor_invoices"
    )
    assert proposal.words["decimals"] == decimals


def test_the_sum_and_the_count_of_all_rows_are_printed_and_three_cells_of_each_column(tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_text(
        GERMAN.replace("Währung", "Whg").replace("EUR", "W1"), encoding="utf-8"
    )
    text = printed(tmp_path / "sample.csv")
    assert "# Menge × Einzelpreis = Betrag in every row: 600,00 | -3,25\n" in text
    assert "# 2 records, in all 596.75; 0 rows would be rejected.\n" in text
    (tmp_path / "sample.csv").write_text(GERMAN, encoding="utf-8")
    assert "# 2 records, in all 596.75 EUR; 0 rows would be rejected.\n" in printed(tmp_path / "sample.csv")


def test_without_a_dataset_the_likeliest_is_taken_with_reasons_and_a_doubt_is_a_todo(tmp_path: Path) -> None:
    def guessed(text: str) -> str:
        (tmp_path / "s.csv").write_text(text, encoding="utf-8")
        result = CliRunner().invoke(commands, ["profile", str(tmp_path / "s.csv")], catch_exceptions=False)
        assert result.exit_code == 0
        return result.stdout

    seats = guessed("Tenant ID,SKU,Total licenses,Assigned licenses\nT1,E3,10,9\n")
    assert seats.startswith("# It is taken for license_counts: seats: ")
    assert "datasets: [license_counts]" in seats
    assert "TODO" not in seats.split("# Nothing is TODO")[0]
    doubtful = guessed("Description,Count,Unit Price\nPBX,1,99.00\nExtensions,5,15.00\n")
    assert "datasets: [TODO]" in doubtful
    assert re.search(r"^# TODO: is it \w+ or \w+ \(", doubtful, re.MULTILINE)


def test_a_focus_export_is_pointed_to_its_connector(tmp_path: Path) -> None:
    block = printed(Path(__file__).parents[2] / "connectors/fixtures/focus_1_0.csv")
    assert "FOCUS cost export" in block
    source = loaded(tmp_path, block)
    assert (source.connector, source.datasets) == ("focus", ["vendor_charges"])
