"""A sample and the block that `mbr profile` prints of it.

Belongs here: what the tests of the command share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.profiling.proposal import Proposal

Sampled = Callable[..., Proposal]


GERMAN = (
    "Kundennr;Kunde;Rechnungsnr;Pos;Artikelnr;Bezeichnung;Art;Menge;Einzelpreis;Betrag;Währung;Leistung"
    " von;Leistung bis\r\n"
    "K-1;Müller;R-1;1;S-1;Sitz;Lizenz;1.200;0,50;600,00;EUR;01.10.2026;31.10.2026\r\n"
    "K-1;Müller;R-1;2;S-2;Platz;Gutschrift;1;-3,25;-3,25;EUR;01.10.2026;31.10.2026\r\n"
)


def printed(path: Path, dataset: str = "vendor_charges") -> str:
    result = CliRunner().invoke(
        commands, ["profile", str(path), "--dataset", dataset, "--source", "distri"], catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.stdout
