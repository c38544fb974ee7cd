"""``exports:`` of mbr.yml and the files of words: what is read, and what is refused.

Belongs here: settings and files. Does not: what exports make of them (``tests/release/exports``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.export_settings import ImportSettings
from mbr_pipeline.workspace.rules import load_words
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import settings, write


def test_each_target_has_its_own_and_the_rest_are_the_defaults(tmp_path: Path) -> None:
    write(
        tmp_path / "mbr.yml", settings(["acme"], "exports: {xero: {due_days: 14, date_format: '%d.%m.%y'}}\n")
    )
    found = load_settings(tmp_path).exports
    assert (found.xero.due_days, found.xero.date_format, found.xero.invoice_date) == (
        14,
        "%d.%m.%y",
        "period_end",
    )
    assert found.quickbooks == ImportSettings()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("invoice_date: today", "'today' is unknown: write period_end or period_start"),
        ("due_days: 367", "367 is too much: write 366 or less"),
        ("date_format: '%m/%d'", "'%m/%d' does not write a day: write it like %Y-%m-%d or %d/%m/%Y"),
        ("date_format: ''", "'' does not write a day"),
        ("tax_mode: none", "'none' is unknown: write exclusive or inclusive"),
        ("account: 200", "unknown key"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_the_key(tmp_path: Path, key: str, said: str) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"], f"exports:\n  xero:\n    {key}\n"))
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path)
    name = key.partition(":")[0]
    assert f"exports.xero.{name}: {said}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_words_are_optional_and_each_thing_has_one(tmp_path: Path) -> None:
    assert load_words(tmp_path, "acme") == {"accounting": [], "contacts": []}
    path = tmp_path / "rules/acme/contacts.csv"
    write(path, "client_id,contact_name\nC-1,=Name\nC-1,Other\n")
    with pytest.raises(ConfigError, match="lines 2 and 3 both hold for client_id 'C-1' at once: keep one"):
        load_words(tmp_path, "acme")
    write(path, "client_id,contact_name\nC-1,\n")
    with pytest.raises(ConfigError, match="line 2: contact_name is empty: fill it in"):
        load_words(tmp_path, "acme")
    write(path, "client_id,contact_name\nC-1,=Name\n")
    [row] = load_words(tmp_path, "acme")["contacts"]
    assert (row["client_id"], row["contact_name"]) == ("C-1", "=Name")
