"""The command: a table per module and every mutant that nobody noticed.

Ends with 1 if fewer than 90 % of the mutants that somebody could notice are killed, or if one that is
listed as equivalent is killed or no longer exists.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from pathlib import Path

from tools.mutation.python import page, workbench
from tools.mutation.python.results import Count, equivalents, explained, misfits, read

GOAL = 90
"""Per cent of the mutants that somebody could notice."""


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description="Mutation testing of the Python code, by mutmut.")
    parser.add_argument(
        "--module", action="append", default=[], metavar="NAME", help="only modules whose path contains NAME"
    )
    parser.add_argument(
        "--ending",
        default="",
        metavar="DIGITS",
        help="a sample: only mutants whose number ends with one of these",
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--folder", type=Path, help="keep the copy here; go on if there is one")
    parser.add_argument(
        "--page", action="store_true", help="write the page of the documentation (all modules)"
    )
    arguments = parser.parse_args()
    scope = workbench.SCOPE
    modules = [m for m in scope["modules"] if not arguments.module or any(n in m for n in arguments.module)]
    if not modules:
        parser.error(f"no module of the scope is named so: {', '.join(scope['modules'])}")
    if arguments.page and arguments.module:
        parser.error("--page is about all modules")
    if not re.fullmatch("[0-9]*", arguments.ending):
        parser.error("--ending is one or more digits")
    began = time.monotonic()
    named = [module.removesuffix(".py").replace("/", ".") for module in modules]
    patterns = [f"{name}.*{digit}" for name in named for digit in arguments.ending or [""]]
    with tempfile.TemporaryDirectory(prefix="mbr-mutants-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve() / "project"
        folder.parent.mkdir(parents=True, exist_ok=True)
        workbench.make(folder, scope["modules"], scope["tests"])
        workbench.run(folder, arguments.jobs, patterns if arguments.module or arguments.ending else ())
        reasons = equivalents()
        verdicts = explained(read(folder, modules, arguments.ending), reasons)
    print(page.table(verdicts))
    for verdict in page.alive(verdicts):
        print(f"survived: {' | '.join(verdict.key)}")
    unfit = [] if arguments.ending else misfits(verdicts, reasons, modules)
    for key in unfit:
        print(f"no equivalent: {' | '.join(key)}")
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
    if arguments.page:
        page.PAGE.write_text(page.page(verdicts, reasons, arguments.ending), encoding="utf-8")
    count = Count.of(verdicts)
    return int(100 * count.killed < GOAL * count.counted or bool(unfit))


if __name__ == "__main__":
    raise SystemExit(main())
