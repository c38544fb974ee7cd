"""The gate's certificate: the verdict over exactly these inputs and these bytes, which publication asks for.

What belongs here: writing and checking it. What does not: the verdict itself (``mbr_pipeline.audit.gate``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mbr_pipeline.audit.candidate_tables import ROW_ORDER, CandidateTable
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.storage.atomic_files import sha256_of, write_json
from mbr_pipeline.workspace.paths import MonthPaths


def write_certificate(
    month: MonthPaths,
    verdict: Verdict,
    candidate: Mapping[str, CandidateTable],
    inputs_hash: str,
    chain_head: str,
) -> None:
    """Record the verdict over exactly these inputs and these candidate bytes, and the hash of the newest
    entry of the MSP's chain.
    """
    write_json(
        month.certificate,
        {
            "msp_id": month.msp_id,
            "period": month.period.text,
            "passed": verdict.passed,
            "reasons": verdict.reasons,
            "inputs_hash": inputs_hash,
            "chain_head": chain_head,
            "suites": {
                s.name: {"passed": s.passed, "expected": s.expected, "evaluated": s.evaluated}
                for s in verdict.suites
            },
            "tables": {name: {"rows": t.rows, "sha256": t.sha256} for name, t in candidate.items()},
        },
    )


def check_certificate(month: MonthPaths, inputs_hash: str) -> dict[str, str]:
    """Return the SHA-256 of every audited table.

    Raises:
        GateClosed: No passed certificate covers the landed files, rules and settings as they are now, and the
            candidate tables byte for byte. Publication always asks for it, however it was launched.
    """
    if wrong := problems_of_certificate(month, inputs_hash):
        raise refusal_of_certificate(month, wrong[0], "nothing is published")
    return audited_tables(month)


def audited_tables(month: MonthPaths) -> dict[str, str]:
    """Return the SHA-256 of every table that a certificate names, whatever it says of them."""
    certificate = _read(month) or {}
    return {name: facts["sha256"] for name, facts in certificate.get("tables", {}).items()}


CHANGED = "landed files, rules, settings or decisions changed since the month was loaded"

Part = Literal["certificate", "gate", "inputs", "tables"]


@dataclass(frozen=True)
class CertificateProblem:
    """Why nothing may be published.

    Attributes:
        part: What is wrong: there is no ``certificate``, the ``gate`` did not pass, the ``inputs`` or the
            ``tables`` are others now.
        text: In words.
    """

    part: Part
    text: str


def problems_of_certificate(month: MonthPaths, inputs_hash: str) -> list[CertificateProblem]:
    """Return what a month's certificate does not cover as it is now; nothing where it covers everything."""
    certificate = _read(month)
    if certificate is None:
        return [CertificateProblem("certificate", "no gate certificate")]
    return [CertificateProblem(part, text) for part, text in _problems(month, certificate, inputs_hash)]


def refusal_of_certificate(month: MonthPaths, problem: CertificateProblem, undone: str) -> GateClosed:
    """Return what publishing and closing are refused with; ``undone`` says which of them."""
    where = f"{month.msp_id} {month.period.text}"
    again = f"run `mbr run --period {month.period.text} --msp {month.msp_id}`"
    if problem.part == "certificate":
        return GateClosed(f"{where}: {problem.text}, {undone}: {again}")
    if problem.part == "inputs":  # the gate may have passed: what it passed is not what is there now
        return GateClosed(f"{where}: {problem.text}, {undone}: {again}, which takes it in")
    return GateClosed(f"{where}: the gate is closed ({problem.text}), {undone}: {again} and see gate.json")


def _read(month: MonthPaths) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(month.certificate.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def _problems(
    month: MonthPaths, certificate: Mapping[str, Any], inputs_hash: str
) -> Iterator[tuple[Part, str]]:
    if (certificate.get("msp_id"), certificate.get("period")) != (month.msp_id, month.period.text):
        yield "gate", "the certificate is of another month"
    if certificate.get("passed") is not True:
        yield "gate", ", ".join(certificate.get("reasons") or ["not passed"])
    ran = certificate.get("suites", {})
    if set(ran) != set(SUITE_NAMES) or not all(_suite_held(s) for s in ran.values()):
        yield "gate", "not every suite ran and passed"
    if certificate.get("inputs_hash") != inputs_hash:
        yield "inputs", CHANGED
    tables = certificate.get("tables", {})
    if set(tables) != set(ROW_ORDER):
        yield "tables", "not every table was audited"
    for name, facts in tables.items():
        path = month.candidate / f"{name}.parquet"
        if name not in ROW_ORDER or not path.exists() or sha256_of(path) != facts.get("sha256"):
            yield "tables", f"table {name} is not the one that was audited"


def _suite_held(suite: Mapping[str, Any]) -> bool:
    return (
        suite.get("passed") is True
        and suite.get("expected", 0) > 0
        and suite.get("expected") == suite.get("evaluated")
    )
