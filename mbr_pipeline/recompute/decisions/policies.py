"""What policies approve in a month (contract §8.2, §8.3).

What belongs here: which exceptions are left to them, and their approvals as entries to be. What does not: the
settings (``reading.policies``), and entering anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.decisions.chain import IMPACT_COLUMNS, Entry, Ruling, rulings
from mbr_pipeline.recompute.decisions.states import Case, next_month
from mbr_pipeline.recompute.money import exact_decimal
from mbr_pipeline.recompute.reading.policies import SmallClass

POLICY = "policy"
"""The actor of what policies decide."""


@dataclass
class Touched:
    """What of a month is not left to policies.

    Attributes:
        exceptions: Those that a person decided on, whatever became of it; a person's withdrawal of what a
            policy approved is a decision too.
        issues: Those that a person's waiver of an earlier month meets, as one that just expired does.
        approved: The newest approval of a policy by exception.
    """

    exceptions: set[str] = field(default_factory=set)
    issues: set[str] = field(default_factory=set)
    approved: dict[str, Ruling] = field(default_factory=dict)

    @classmethod
    def by(cls, made: Iterable[Ruling], period: str) -> Touched:
        """Read it from the decisions of a chain, oldest first."""
        touched = cls()
        for each in made:
            if each.action == "release":
                continue
            exception_id = str(each.about("exception_id"))
            if each.month == period:
                if each.entry["actor"] == POLICY and each.became == "made":
                    touched.approved[exception_id] = each
                else:
                    touched.exceptions.add(exception_id)
            elif (
                each.month < period
                and each.action == "waive"
                and (period <= each.until or period == next_month(each.until))
            ):
                touched.issues.add(str(each.about("issue_id")))
        return touched

    def leaves(self, case: Case) -> bool:
        """Whether a policy may approve an exception now."""
        if case.exception_id in self.exceptions or case.issue_id in self.issues:
            return False
        before = self.approved.get(case.exception_id)
        return before is None or (before.seen, before.about("currency")) != (case.amounts, case.currency)


def approvals(
    chain: Sequence[Entry], cases: Iterable[Case], policies: Sequence[SmallClass], period: str
) -> list[Entry]:
    """Return what policies approve in a month beyond a chain, as its next entries; they have no id yet."""
    if not policies:
        return []
    touched = Touched.by(rulings(chain), period)
    seq = max((int(entry["seq"]) for entry in chain), default=0)
    found: list[Entry] = []
    for case in cases:
        number = _first_that_fits(case, policies)
        if number is None or not touched.leaves(case):
            continue
        subject = case.finding.subject
        body = {
            "exception_id": case.exception_id,
            "issue_id": case.issue_id,
            "exception_code": case.finding.code,
            "client_id": subject.client_id,
            "product_code": subject.product_code,
            "source": subject.source,
            "currency": case.currency,
            "reason": f"policy {number} of auto_approve",
            "seen": {name: format(exact_decimal(case.amounts[name]), "f") for name in IMPACT_COLUMNS},
        }
        found.append(to_be(body, seq + len(found) + 1, period))
    return found


def to_be(body: Mapping[str, Any], seq: int, period: str) -> Entry:
    """Return a policy's approval as the entry that it will be."""
    return {
        "seq": seq,
        "entry_id": None,
        "kind": "approve",
        "actor": POLICY,
        "period": period,
        "body": {"pending": False, **body},
    }


def before_entering(chain: Iterable[Entry], exception_ids: Collection[str], period: str) -> list[Entry]:
    """Return a chain as it was before the newest approvals of policies on exceptions were entered: a month
    that was published with them was computed from that.
    """
    entries = list(chain)
    newest = {
        entry["body"]["exception_id"]: entry["seq"]
        for entry in sorted(entries, key=lambda each: int(each["seq"]))
        if (entry["kind"], entry["actor"], entry["period"]) == ("approve", POLICY, period)
        and entry["body"]["exception_id"] in exception_ids
    }
    gone = set(newest.values())
    return [entry for entry in entries if entry["seq"] not in gone]


def _first_that_fits(case: Case, policies: Sequence[SmallClass]) -> int | None:
    """Return the number of the policy that approves an exception, or None: the money is the client's, there
    is some, and a price that was agreed makes it.
    """
    finding = case.finding
    is_the_clients = finding.client_signed != 0 and finding.code != "ROUNDING"
    if not is_the_clients or finding.valued_at in ("cost", "none"):
        return None
    for number, each in enumerate(policies, 1):
        most = each.most.get(case.currency or "", Decimal(-1))
        if finding.code in each.codes and case.impact <= Fraction(most):
            return number
    return None
