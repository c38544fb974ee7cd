"""The gate's certificate: the verdict over exactly these inputs and these bytes, which publication asks for.

What belongs here: writing and checking it. What does not: the verdict itself (``mbr_pipeline.audit.gate``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
    where = f"{month.msp_id} {month.period.text}"
    again = f"run `mbr run --period {month.period.text} --msp {month.msp_id}`"
    try:
        certificate = json.loads(month.certificate.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise GateClosed(f"{where}: no gate certificate, nothing is published: {again}") from None
    problems = _certificate_problems(month, certificate, inputs_hash)
    if problems:
        raise GateClosed(
            f"{where}: the gate is closed ({problems[0]}), nothing is published: {again} and see gate.json"
        )
    return {name: facts["sha256"] for name, facts in certificate["tables"].items()}


def _certificate_problems(month: MonthPaths, certificate: Mapping[str, Any], inputs_hash: str) -> list[str]:
    problems = []
    if (certificate.get("msp_id"), certificate.get("period")) != (month.msp_id, month.period.text):
        problems.append("the certificate is of another month")
    if certificate.get("passed") is not True:
        problems.append(", ".join(certificate.get("reasons") or ["not passed"]))
    ran = certificate.get("suites", {})
    if set(ran) != set(SUITE_NAMES) or not all(_suite_held(s) for s in ran.values()):
        problems.append("not every suite ran and passed")
    if certificate.get("inputs_hash") != inputs_hash:
        problems.append("landed files, rules or settings changed since they were loaded")
    tables = certificate.get("tables", {})
    if set(tables) != set(ROW_ORDER):
        problems.append("not every table was audited")
    for name, facts in tables.items():
        path = month.candidate / f"{name}.parquet"
        if name not in ROW_ORDER or not path.exists() or sha256_of(path) != facts.get("sha256"):
            problems.append(f"table {name} is not the one that was audited")
    return problems


def _suite_held(suite: Mapping[str, Any]) -> bool:
    return (
        suite.get("passed") is True
        and suite.get("expected", 0) > 0
        and suite.get("expected") == suite.get("evaluated")
    )
