"""What is printed: every row or the first 20, other people's text made harmless, and a disagreement that
nobody can overlook.

Belongs here: ``render``, ``as_json`` and ``disagreements`` on made-up derivations. Figures are in the modules
beside this.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.explain import Explanation
from mbr_pipeline.explain.as_json import explanation_json
from mbr_pipeline.explain.derivation import Derivation, Part, disagreements
from mbr_pipeline.explain.derive import DERIVATIONS
from mbr_pipeline.explain.published import FoundException
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.explain.render import print_explanation
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.explain.books import books, finding

HOSTILE = "Alder\x1b[31m\r\n\x07\u202e\x9b2J & Sons"


def explained(
    part: Part, published: Finding, amount: str = "53.23", client_name: str = "Alder"
) -> Explanation:
    derived = Derivation(
        "UNBILLED_PRODUCT", "USD", 2, {"client_recoverable": Decimal(amount)}, (part,), "an invoice line"
    )
    month = WorkspacePaths(Path("nowhere")).month("acme", Period("2024-02"))
    return Explanation(
        FoundException(published, month, None),
        books(client_name=client_name),
        derived,
        tuple(disagreements(published, derived)),
    )


def published(amount: str = "53.23") -> Finding:
    found = finding("UNBILLED_PRODUCT", evidence=("r:1", "r:2"))
    return replace(found, money={**found.money, "client_recoverable": Decimal(amount)})


def test_every_code_of_the_contract_has_a_derivation() -> None:
    assert list(DERIVATIONS) == [*codes_of("client", "vendor")]


def test_the_last_line_says_that_both_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(
        explained(Part("Records", ("record",), (("r:1",), ("r:2",))), published()), everything=False
    )
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "= 53.23 USD, equal to the published impact (client_recoverable)"
    assert "What would clear it: an invoice line." in printed


def test_a_cent_of_difference_is_told_instead(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explained(Part("Records", ("record",), (("r:1",),)), published("53.24"))
    print_explanation(explanation, everything=False)
    printed = capsys.readouterr().out.splitlines()
    assert printed[-2:] == [
        "THE DERIVATION DOES NOT AGREE with what was published:",
        "≠ client_recoverable is 53.23 by this derivation, published is 53.24",
    ]
    assert not any("equal to" in line for line in printed)
    assert json.loads(explanation_json(explanation))["agrees"] is False


def test_another_code_direction_or_currency_is_a_disagreement_too() -> None:
    derived = Derivation("UNBILLED_PRODUCT", "USD", 2, {"client_refund": Decimal("53.23")}, (), "")
    assert disagreements(replace(published(), exception_code="AGREEMENT_ENDED", currency="EUR"), derived) == [
        "the records lead to UNBILLED_PRODUCT, published is AGREEMENT_ENDED",
        "the records lead to currency USD, published is EUR",
        "client_recoverable is 0.00 by this derivation, published is 53.23",
        "client_refund is 53.23 by this derivation, published is 0.00",
    ]


def test_long_tables_show_20_rows_and_how_many_more_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    part = Part("Records", ("record",), tuple((f"r:{n}",) for n in range(25)), ("Σ = 25",))
    print_explanation(explained(part, published()), everything=False)
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "r:19" in printed and "r:20" not in printed
    assert "… and 5 more, --all shows them" in printed and "Σ = 25" in printed
    print_explanation(explained(part, published()), everything=True)
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "r:24" in printed and not any("more" in line for line in printed)
    assert len(json.loads(explanation_json(explained(part, published())))["steps"][0]["rows"]) == 25


def test_evidence_that_enters_no_step_is_listed_apart(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explained(Part("Records", ("record",), (("r:1",),)), published())
    print_explanation(explanation, everything=False)
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert printed[printed.index("1 further record in evidence, in no step above") + 2] == "r:2"
    assert json.loads(explanation_json(explanation))["records_in_no_step"] == ["r:2"]


def test_no_character_of_other_peoples_text_reaches_the_terminal_as_a_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hostile = Part("Records", ("record",), ((HOSTILE,),), (HOSTILE,))
    found = replace(published(), explanation=HOSTILE, line_id=HOSTILE + "\x7f", evidence=(HOSTILE + "2",))
    explanation = explained(hostile, found, "1", HOSTILE)
    print_explanation(explanation, everything=True)
    printed = capsys.readouterr().out
    assert "Alder⟨U+001B⟩[31m⟨U+000D⟩⟨U+000A⟩⟨U+0007⟩⟨U+202E⟩⟨U+009B⟩2J & Sons" in printed
    assert all(character.isprintable() for character in printed.replace("\n", ""))
    data = explanation_json(explanation)
    assert data.replace("\n", "").isprintable() and data.isascii()
    assert json.loads(data)["line_id"] == HOSTILE + "\x7f"
