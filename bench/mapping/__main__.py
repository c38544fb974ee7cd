"""``python -m bench.mapping``: how often suggestions are right, on names that were not used for tuning.

What belongs here: options and printed tables. What does not: counting (``measure``).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.mapping.measure import CUSTOMERS, SEEDS, SKUS, SORTS, Outcome, figures, outcomes, reliability
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD


def main() -> None:
    """Ask all questions of a part and print Markdown."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--part", choices=list(SEEDS), default="test", help="dev is what was tuned on (default: %(default)s)"
    )
    parser.add_argument(
        "--threshold",
        type=int,
        default=DEFAULT_THRESHOLD,
        help="lowest score suggested (default: %(default)s)",
    )
    options = parser.parse_args()
    found = outcomes(options.part, options.threshold)
    print(f"{options.part}, threshold {options.threshold}, {len(found):,} questions\n")
    for line in (*_by_sort(found), "", *_by_band(found), "", *_by_noise(found)):
        print(line)


def _by_sort(found: Sequence[Outcome]) -> list[str]:
    lines = [
        "| kind | the right one has | questions | suggested | wrong | precision | at least | recall | F1 |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in (CUSTOMERS, SKUS):
        mine = [o for o in found if o.question.kind == kind]
        for sort, rows in [
            ("all", mine),
            *((sort, [o for o in mine if o.question.sort == sort]) for sort in SORTS),
        ]:
            f = figures(rows)
            start = f"| {kind} | {sort} | {f.questions:,} | {f.suggested:,} | {f.suggested - f.right} |"
            if not f.with_truth:
                lines.append(f"{start} | | | |")
            else:
                lines.append(
                    f"{start} {f.precision:.2%} | {f.doubtful_precision:.2%} | {f.recall:.1%} | {f.f1:.3f} |"
                )
    return lines


def _by_band(found: Sequence[Outcome]) -> list[str]:
    lines = ["| score | customers | of them right | SKUs | of them right |", "|---|---:|---:|---:|---:|"]
    customers, skus = (
        reliability([o for o in found if o.question.kind == kind]) for kind in (CUSTOMERS, SKUS)
    )
    for (low, high, asked, right), (_, _, asked_skus, right_skus) in zip(customers, skus, strict=True):
        lines.append(
            f"| {low} to {high} | {asked:,} | {_share(right, asked)} | {asked_skus:,} |"
            f" {_share(right_skus, asked_skus)} |"
        )
    return lines


def _by_noise(found: Sequence[Outcome]) -> list[str]:
    lines = ["| what happened to the customer's name | questions | recall |", "|---|---:|---:|"]
    known = [o for o in found if o.question.kind == CUSTOMERS and o.question.truth]
    kinds = sorted({kind for o in known for kind in o.question.noise})
    rows = [("nothing", [o for o in known if not o.question.noise])]
    rows += [(kind, [o for o in known if kind in o.question.noise]) for kind in kinds]
    for kind, mine in sorted(rows, key=lambda row: (-figures(row[1]).recall, row[0])):
        lines.append(f"| {kind} | {len(mine)} | {figures(mine).recall:.0%} |")
    return lines


def _share(right: int, asked: int) -> str:
    return f"{right / asked:.1%}" if asked else ""


if __name__ == "__main__":
    main()
