"""The command: a table per model and every mutant that nobody noticed.

Ends with 1 if fewer than 95 % of the mutants are killed that are not explained as equivalent, or if an
explanation does not fit any more.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tools.mutation.sql import page
from tools.mutation.sql.campaign import campaign
from tools.mutation.sql.equivalents import entries, equivalents
from tools.mutation.sql.models import Project
from tools.mutation.sql.verdicts import (
    COLUMNS,
    ENOUGH,
    Verdict,
    counted,
    explained,
    killed,
    misfits,
    table,
)


def main() -> int:
    """Run the campaign; 1 if too many mutants live or an explanation does not fit."""
    parser = argparse.ArgumentParser(description="Mutation testing of the SQL of the models.")
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME",
        help="a model to mutate (again for more); all if none is named",
    )
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument(
        "--page", action="store_true", help="write the page of the documentation (all models)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="keep months and verdicts here and use those that are there, so that only models are examined"
        " whose verdicts may differ; else all is made anew",
    )
    arguments = parser.parse_args()
    if arguments.page and arguments.model:
        parser.error("--page is about all models")
    began = time.monotonic()
    names = arguments.model or [model.name for model in Project().mutated]
    reasons = equivalents()
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for found in campaign(folder, names, arguments.jobs):
            verdicts += explained(found, reasons)
            for verdict in verdicts[-len(found) :]:
                if verdict.fate == "survived":
                    print(f"survived: {' | '.join(verdict.mutant.key)}", flush=True)
    unfit = misfits(verdicts, reasons, names)
    print(*(f"wrong explanation: {text}" for text in unfit), *table(verdicts), sep="\n")
    invalid = sum(verdict.fate == "invalid" for verdict in verdicts)
    share = killed(verdicts)
    print(
        f"{float(share):.1%} of the mutants that are not equivalent are killed"
        f" ({invalid} more were no valid SQL), {time.monotonic() - began:.0f} s"
    )
    if arguments.page:
        page.write(page.page(entries(), COLUMNS, counted(verdicts), f"{float(share):.1%}"))
    return 1 if share < ENOUGH or unfit else 0


if __name__ == "__main__":
    raise SystemExit(main())
