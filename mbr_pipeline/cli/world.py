"""`mbr world`: a workspace with a known answer, and whether that answer was found.

What belongs here: what may be injected, in the words of the command line, and what is printed. What does not:
hiding findings (``mbr_pipeline.scaffold.world``) and comparing (``mbr_pipeline.scaffold.answer_check``).
"""

from __future__ import annotations

import shlex
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast, get_args

import click
from click.core import ParameterSource

from connectors.counted import plural
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import shown
from mbr_pipeline.scaffold.answer_check import Check, check_workspace
from mbr_pipeline.scaffold.answer_key import COUNTS, FILE_NAME
from mbr_pipeline.scaffold.create import create_world
from mbr_pipeline.scaffold.world import EXCEPTION_CODES, INJECTABLE, Injection
from mbr_pipeline.scaffold.world.inject.control import CONTROL_CODES
from mbr_pipeline.scaffold.world.model import Size
from mbr_pipeline.workspace.paths import WorkspacePaths

_SHOWN_DIFFERENCES = 50


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--seed",
    default=1,
    show_default=True,
    metavar="N",
    type=int,
    help="The same seed and options make the same files.",
)
@click.option(
    "--clients",
    default=8,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 5000),
    help="Clients per MSP.",
)
@click.option(
    "--periods",
    default=3,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 36),
    help="Months; the last has the findings.",
)
@click.option(
    "--msps",
    default="1",
    show_default=True,
    type=click.Choice(["1", "2"]),
    help="MSPs; the first has the findings.",
)
@click.option(
    "--inject",
    multiple=True,
    metavar="CODE[:SIZE]",
    help=(
        "What to hide, minor, typical or gross; can be repeated.  [default: every exception code once,"
        " typical]"
    ),
)
@click.option("--check", is_flag=True, help="Make nothing: compare what was found in DIR with its answers.")
@click.pass_context
def command(
    context: click.Context,
    directory: Path,
    seed: int,
    clients: int,
    periods: int,
    msps: str,
    inject: tuple[str, ...],
    check: bool,
) -> None:
    """Make a workspace with a known answer in DIR, or --check what was found in it.

    Exit code of --check: 0 as hidden, 1 anything differs or no month has run, 2 usage or configuration.
    """
    if not check:
        make_command(directory, seed, clients, periods, int(msps), inject)
        return
    given = [
        name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if set(given) - {"directory", "check"}:
        raise click.UsageError("--check compares what is there: leave out every other option")
    sys.exit(check_command(WorkspacePaths(directory.resolve())))


def make_command(
    directory: Path, seed: int, clients: int, periods: int, msps: int, inject: Sequence[str]
) -> None:
    """Make the world and say what is in it; without ``inject``, every finding once."""
    injections = parse_injections(inject) or [Injection(code) for code in EXCEPTION_CODES]
    world = create_world(directory, seed, clients, periods, msps, injections)
    files = sum(path.is_file() for path in directory.rglob("*"))
    first, last, folder = world.periods[0], world.periods[-1], shlex.quote(str(directory))
    each, months = " each" if msps > 1 else "", last if periods == 1 else f"{first} to {last}"
    print(
        f"{plural(files, 'file')} written to {directory}: {' and '.join(world.msp_ids)},"
        f" {plural(clients, 'client')}{each}, {months}."
    )
    owners = "clients of their own" if len(world.answers) > 1 else "a client of its own"
    hidden = [f"{plural(len(world.answers), 'finding')} on {owners}"] if world.answers else []
    hidden += sorted(code for codes in world.blocked.values() for code in codes)
    print(f"Hidden in {world.msp_ids[0]} {last}: {' and '.join(hidden)}. The answers are in {FILE_NAME}.")
    print(f"Next: mbr run --workspace {folder} --period {last}")
    print(f"      mbr world --check {folder}")


def parse_injections(texts: Iterable[str]) -> list[Injection]:
    """Read ``CODE[:SIZE]``; a code that does not exist, or cannot be combined with the
    others, is a :class:`ConfigError`.
    """
    injections = []
    for text in texts:
        code, _, size = text.partition(":")
        if code not in INJECTABLE:
            raise ConfigError(f"--inject {text}: no such code: use one of {', '.join(INJECTABLE)}")
        if size and size not in get_args(Size):
            raise ConfigError(f"--inject {text}: no such size: use one of {', '.join(get_args(Size))}")
        injections.append(Injection(code, cast(Size, size or "typical")))
    damage = [injection.code for injection in injections if injection.code in CONTROL_CODES]
    if damage and len(injections) > 1:
        together = ", ".join(code for code in INJECTABLE if code not in CONTROL_CODES)
        raise ConfigError(
            f"--inject {damage[0]}: it hides other findings: inject it alone; together can be injected"
            f" {together}"
        )
    return injections


def check_command(workspace: WorkspacePaths) -> int:
    """Print what was found of what is hidden, code by code; 1 if anything differs."""
    check = check_workspace(workspace)
    for checked in check.compared:
        verdict = f"blocked by {', '.join(checked.reasons)}" if checked.reasons else "published"
        print(
            shown(
                f"{checked.month.msp_id} {checked.month.period.text}: {verdict},"
                f" {plural(checked.keys, 'key')} reconciled"
            )
        )
    for month, hidden in check.waiting:
        print(f"{month.msp_id} {month.period.text}: not run yet, not compared; {hidden} hidden there")
    print()
    total = _print_table(check)
    differences = [
        f"{checked.month.msp_id} {checked.month.period.text}: {text}"
        for checked in check.compared
        for text in checked.comparison.differences
    ]
    print()
    for text in differences[:_SHOWN_DIFFERENCES]:
        print(shown(text))
    if len(differences) > _SHOWN_DIFFERENCES:
        print(f"… and {len(differences) - _SHOWN_DIFFERENCES} more")
    verdict, alarms = (
        "Different" if differences else "As hidden",
        plural(total["false alarms"], "false alarm"),
    )
    print(
        f"{verdict}: {total['found']} of {total['hidden']} found, {total['impact equal']} with equal impact,"
        f" {alarms}."
    )
    return 1 if differences else 0


def _print_table(check: Check) -> Counter[str]:
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for checked in check.compared:
        for code, counts in checked.comparison.tally.items():
            tally[code].update(counts)
    print(f"{'code':32}" + "".join(f"{name:>14}" for name in COUNTS))
    order = [*(code for code in INJECTABLE if code in tally), *sorted(tally.keys() - set(INJECTABLE))]
    for code in order:
        print(shown(f"{code:32}" + "".join(f"{tally[code][name]:>14}" for name in COUNTS)))
    total = sum(tally.values(), Counter[str]())
    print(f"{'all':32}" + "".join(f"{total[name]:>14}" for name in COUNTS))
    return total
