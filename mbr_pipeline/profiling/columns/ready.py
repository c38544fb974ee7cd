"""Answers that are ready where rows are not records: wide files, several values in a cell, facts in the name
of the file.

What belongs here: options of questions that are open anyway, and the question whether cells hold several
values. What does not: deciding: none of these is taken without an answer.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import number_styles
from mbr_pipeline.profiling.words import money_names
from mbr_pipeline.profiling.words.roles import is_measure
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_WHOLE = re.compile("[0-9]{1,7}")
_MARKS = (",", ";", "+", "|")
_IN_THE_NAME = ("vendor_customer_id", "client_id")
_MONTH = re.compile(r"(?<![0-9])(20[0-9]{2})([-_.]?)(0[1-9]|1[0-2])(?![0-9])")
_LEAST_SHARE = 5
"""One cell of so many holds several values at least, where it is asked."""


def ready_answers(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Give open questions the answers that the file's shape suggests, and ask about cells with several."""
    _several_in_a_cell(proposal, sample, dataset)
    if dataset.name == "license_counts" and (words := _unpivoted(proposal, sample)):
        _offer(proposal, "sku_id", words)
        _offer(proposal, "entitled_quantity", words)
    for column in _IN_THE_NAME:
        if form := _form_of_name(sample.name):
            _offer(proposal, column, {"file_name": form})


def _offer(proposal: Proposal, column: str, words: Any) -> None:
    if proposal.columns.get(column) == TODO:
        key = ("columns", column)
        proposal.options[key] = (words, *proposal.options.get(key, ()))


def _unpivoted(proposal: Proposal, sample: Sample) -> dict[str, Any] | None:
    """The words of a file with a column for each SKU: at least two columns of whole numbers with names that
    no column is known by, where nothing names a SKU, and columns of a measure beside them.
    """
    if heading_of(proposal.columns.get("sku_id")):
        return None
    listed = [value for name, value in vars(money_names).items() if name.isupper() and isinstance(value, str)]
    known = (*listed, *HEADINGS["license_counts"].values())
    wide = [
        heading
        for heading in sample.headings
        if (texts := sample.values(heading))
        and all(_WHOLE.fullmatch(text) for text in texts)
        and not any(score(heading, names)[0] > 97 for names in known)
    ]
    if len(wide) > 1:
        wide += [
            heading
            for heading in sample.headings
            if heading not in wide
            and is_measure(folded(heading))
            and number_styles(sample.values(heading)).styles
        ]
    kept = [heading for heading in sample.headings if heading and heading not in wide]
    if len(wide) < 2 or not kept:
        return None
    words: dict[str, Any] = {"unpivot": {"keep": kept, "name": "SKU", "value": "Seats"}}
    if proposal.words.get("decimals") == TODO:
        words["decimals"] = "."
    return {**words, "columns": {"sku_id": "SKU", "entitled_quantity": "Seats"}}


def _several_in_a_cell(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask whether cells of SKUs hold several: parts of some are the whole of others."""
    heading = heading_of(proposal.columns.get("sku_id"))
    if dataset.name != "license_counts" or not heading:
        return
    texts = sample.values(heading)
    for mark in _MARKS:
        several = [text for text in texts if mark in text]
        alone = {text for text in texts if mark not in text}
        parts = {part.strip() for text in several for part in text.split(mark)}
        if len(several) * _LEAST_SHARE >= len(texts) and parts & alone:
            columns: dict[str, Any] = {"sku_id": heading}
            if proposal.columns.get("entitled_quantity") == TODO:
                columns["entitled_quantity"] = {"count": "rows"}
            words = {"split": {"heading": heading, "by": mark}, "columns": columns}
            told = f"“{heading}” has cells such as “{several[0]}”: are these several SKUs (split)?"
            proposal.put("sku_id", TODO, told, (words, heading))
            return


def _form_of_name(name: str) -> str | None:
    """Return the form of a file's name with the customer as ``*``, as far as it is a name and a month."""
    stem = re.sub(r"(?i)\.gz$", "", name).rpartition(".")[0]
    found = _MONTH.search(stem)
    if not found:
        return "*" if stem and re.search("[A-Za-z]", stem) else None
    before, behind = stem[: found.start()], stem[found.end() :]
    month = f"YYYY{found[2]}MM"
    if re.search(r"\w", before) and not re.search(r"\w", behind):
        mark = re.search(r"\W*_?\W*$", before)
        return f"*{mark[0] if mark else ''}{month}{behind}"
    if re.search(r"\w", behind) and not re.search(r"\w", before):
        mark = re.match(r"\W*_?\W*", behind)
        return f"{before}{month}{mark[0] if mark else ''}*"
    return None
