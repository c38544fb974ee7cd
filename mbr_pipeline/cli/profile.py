"""`mbr profile`: a proposed profile of a vendor's file, printed as YAML.

What belongs here: what is printed. What does not: proposing (``mbr_pipeline.profiling``).
"""

from __future__ import annotations

from pathlib import Path

import click

from connectors.counted import plural
from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.words import TODO
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.as_yaml import as_yaml, yaml_text
from mbr_pipeline.profiling.preview import Preview, preview
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose
from mbr_pipeline.safe_text import shown
from mbr_pipeline.setup.exports import native_dataset

_WIDEST = 28


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dataset",
    type=click.Choice(list(DATASETS)),
    metavar="NAME",
    help="The dataset that it is to be read as; otherwise the likeliest.",
)
@click.option(
    "--source",
    default="vendor",
    show_default=True,
    metavar="NAME",
    help="What the source is to be called in mbr.yml.",
)
def command(file: Path, dataset: str | None, source: str) -> None:
    """Propose how a vendor's CSV or XLSX FILE is to be read.

    Prints a source for mbr.yml, with the reason of every line, the first rows as they would come out, and
    what all rows add up to. What the file does not show is marked TODO.
    """
    profile_command(file, dataset, source)


def profile_command(file: Path, dataset_name: str | None, source: str) -> None:
    """Print the block for ``mbr.yml``, and below it, as comments, the first records as it would read them."""
    if (known := _focus(file, dataset_name, source)) is not None:
        print(known, end="")
        return
    try:
        proposal = propose(file, dataset_name)
        dataset = DATASETS[proposal.dataset]
        # what was assumed only for looking at the file is not a way to read it
        is_readable = TODO not in (
            proposal.words.get(word) for word in ("encoding", "delimiter", "header_row")
        )
        first = preview(file, dataset, proposal.settings) if is_readable else None
    except UnreadableFile as error:
        raise ConfigError(str(error)) from error
    if dataset_name is None:
        _print_dataset(proposal)
    text = as_yaml(proposal, source, proposal.dataset)
    print(text, end="")
    todos = sum(TODO in line.split("  # ")[0] for line in text.splitlines())
    print(
        f"# {todos} TODO to fill in." if todos else "# Nothing is TODO: compare the rows below with the file."
    )
    if first:
        _print_rows(first, dataset.column_names)


def _focus(file: Path, dataset_name: str | None, source: str) -> str | None:
    """Return the source of a FOCUS cost export, which needs no profile; None if the file is none."""
    dataset = native_dataset(file, "focus")
    if dataset is None or dataset_name not in (None, dataset):
        return None
    return (
        "# It has the columns of a FOCUS cost export: no profile is needed.\n"
        f"      {yaml_text(source)}:\n        connector: focus\n        datasets: [{dataset}]\n"
    )


def _print_dataset(proposal: Proposal) -> None:
    """Say what the file is taken for; where that is not certain, it is a TODO as well."""
    first, second = proposal.candidates[:2]
    print(f"# It is taken for {first.dataset}: {shown('; '.join(first.reasons))}")
    if not proposal.is_certain:
        print(
            f"# TODO: is it {first.dataset} or {second.dataset} ({shown('; '.join(second.reasons))})? Say"
            " --dataset."
        )


def _print_rows(first: Preview, names: tuple[str, ...]) -> None:
    if first.records:
        print(f"# The first {len(first.records)} rows as they would come out:")
    for name in names:
        cells = [_cut(record[name] or "") for record in first.records]
        if any(cells):
            print(
                f"#   {name:<22}"
                + " | ".join(f"{cell:<{_width(first, column)}}" for column, cell in enumerate(cells)).rstrip()
            )
    if first.count:
        sums = ", ".join(
            f"{total.normalize():f} {unit}".strip() for unit, total in sorted(first.totals.items())
        )
        print(
            f"# {plural(first.count, 'record')}{f', in all {sums}' if sums else ''};"
            f" {plural(first.refused, 'row')} would be rejected."
        )
    for warning in first.warnings:
        print(f"# {shown(warning)}")
    if first.undecided:
        print(f"# Left out, as they are not decided: {', '.join(first.undecided)}")
    if first.fault:
        fault = first.fault
        where = f"line {fault.line}, {shown(fault.column or 'the whole row')}"
        print(f"# Would be rejected: {where}: {shown(fault.value or '')!r} {shown(fault.reason)}")


def _width(first: Preview, column: int) -> int:
    return max(
        len(_cut(str(value or "")))
        for name, value in first.records[column].items()
        if not name.startswith("_")
    )


def _cut(text: str) -> str:
    text = shown(text)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
