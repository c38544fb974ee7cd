"""What `mbr map` prints of hostile ids and names: shown, never obeyed, and still the exact words for the
shell.

Belongs here: the terminal and the commands that people copy from it. Does not: what is suggested.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.cli.map.output import shell_word
from mbr_pipeline.workspace.rules import load_rules
from tests.mapping_help.lists import map_k1
from tests.mapping_help.month import CHARGES, CLIENT_MAP, land, ran, unmapped
from tests.support.small import write

HOSTILE = [
    "plain", "two words", "-x", "--help", "$(reboot)", "`id`",
    "it's", 'a "b"', "a\\b", "\x1b[31mred", "it's\nbroken\\", "\x9b1m", "\u202eabc", "ü",
]  # fmt: skip


@pytest.mark.parametrize("word", HOSTILE)
def test_a_word_reaches_the_shell_as_it_is_and_is_printed_without_control_characters(word: str) -> None:
    printed = shell_word(word)
    assert printed.isprintable()
    done = subprocess.run(["bash", "-c", f"printf %s {printed}"], capture_output=True, check=True)
    assert done.stdout.decode() == word


@pytest.mark.parametrize("vendor_id", ["-T'2 $(reboot)", "\x1b[31mT-2"])
def test_the_printed_command_accepts_exactly_what_it_stands_below(vendor_id: str, tmp_path: Path) -> None:
    quoted = '"' + vendor_id.replace('"', '""') + '"'
    line = f"1,V-1,{quoted},Alder\x1b[2J Architects,K1,,recurring,,1,1,1,USD,2026-10-01,2026-11-01\n"
    land(tmp_path, "pax8", "vendor_charges", CHARGES + line)
    ran(tmp_path, [unmapped("customer", "pax8", vendor_id, ["vendor_charges.csv:2"])])
    # an id that is no name, and a name with a control character inside: only the map's other row tells the
    # client
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + f"pax8,{quoted},C1,2026-11-01,\n")
    printed = (
        CliRunner().invoke(commands, ["map", "suggest", "-w", str(tmp_path), "--period", "2026-10"]).output
    )
    assert all(line.isprintable() for line in printed.splitlines())
    [command] = [line.strip() for line in printed.splitlines() if " map accept " in line]
    words = (
        subprocess.run(["bash", "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True)
        .stdout.decode()
        .split("\0")[1:-1]
    )
    result = CliRunner().invoke(commands, words)
    assert result.exit_code == 0, result.output
    assert all(line.isprintable() for line in result.output.splitlines())
    accepted = load_rules(tmp_path, "acme")["client_map"].to_pylist()[-1]
    assert (accepted["vendor_customer_id"], accepted["client_id"], str(accepted["valid_to"])) == (
        vendor_id,
        "C1",
        "2026-11-01",
    )


def test_json_is_plain_ascii_and_has_the_row_that_would_be_written(tmp_path: Path) -> None:
    land(
        tmp_path,
        "pax8",
        "vendor_charges",
        CHARGES + "1,V-1,T-1,Alder Architects\x9b,K1,,recurring,,1,1,1,USD,2026-10-01,2026-11-01\n",
    )
    ran(tmp_path, [unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"], cost="1234.5")])
    map_k1(tmp_path)
    output = (
        CliRunner()
        .invoke(commands, ["map", "suggest", "-w", str(tmp_path), "--period", "2026-10", "--json"])
        .output
    )
    assert output.isascii()
    [item] = json.loads(output)["msps"][0]["to_map"]
    assert item["priced_at_cost"] == {"USD": "1234.50"}
    assert item["row"] == {"target": "C1", "term": "", "valid_from": "2026-10-01", "valid_to": ""}


def test_a_lower_threshold_suggests_more(tmp_path: Path) -> None:
    land(
        tmp_path,
        "pax8",
        "vendor_charges",
        CHARGES + "1,V-1,T-1,Alder,K1,,recurring,,1,1,1,USD,2026-10-01,2026-11-01\n",
    )
    ran(tmp_path, [unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])])
    map_k1(tmp_path)
    asked = ["map", "suggest", "-w", str(tmp_path), "--period", "2026-10"]
    assert "no suggestion: no client is close enough" in CliRunner().invoke(commands, asked).output
    low = CliRunner().invoke(commands, [*asked, "--threshold", "40"]).output
    assert shlex.split(low.splitlines()[-1])[-3:] == ["pax8", "T-1", "C1"]
