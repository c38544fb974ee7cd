"""The suites of a closed version with every result.

What belongs here: what is known of each expectation. What does not: running them (``mbr_pipeline.audit``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mbr_pipeline.audit.gate import suites


def suite_results(certificate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each suite of a certificate: whether it held, how many expectations it had and how many were
    evaluated, and every one of them.

    A suite that passed is one in which each expectation was evaluated and held. They are listed where the
    suites of this release are those of the certificate, which their number tells; ``expectations`` is null
    where not.
    """
    known = {suite.name: suite for suite in suites()}
    return [
        {
            "suite": name,
            "passed": facts["passed"],
            "expected": facts["expected"],
            "evaluated": facts["evaluated"],
            "expectations": [
                {"subject": each.subject, "expectation": each.kind, "held": True}
                for each in known[name].expectations
            ]
            if facts["passed"] and name in known and len(known[name].expectations) == facts["evaluated"]
            else None,
        }
        for name, facts in certificate.get("suites", {}).items()
    ]
