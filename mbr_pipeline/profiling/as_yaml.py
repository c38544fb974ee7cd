"""A proposal as lines of YAML that fit under ``sources:`` in ``mbr.yml``, each with its reason.

What belongs here: writing, so that it reads back as the same texts whatever a vendor's file has in its
headings. What does not: deciding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.safe_text import shown

_PLAIN = re.compile(
    r"[^\W\d_](?:[\w ./-]*[\w.])?"
)  # a text that begins with a digit may be a number or a date
_SPECIAL = re.compile("(?i)true|false|yes|no|on|off|null|y|n")
_BEFORE_COMMENT = 52
_WIDEST = 20
_TABLES = ("renamed", "values")
"""Words of a column that have a line for each text."""


def as_yaml(proposal: Proposal, source: str, dataset: str) -> str:
    """Return the block of a source; every value is one line and can only be read as text."""
    unsure = f"{dataset}, or another: say --dataset"
    lines = [
        (6, f"{yaml_text(source)}:", "its folder under landing/<msp_id>/<period>/"),
        (8, "connector: mapped", ""),
        (8, f"datasets: [{dataset}]", "") if proposal.is_certain else (8, "datasets: [TODO]", unsure),
        (8, "settings:", ""),
    ]
    return "".join(_line(*line) for line in lines) + dataset_as_yaml(proposal, dataset)


def dataset_as_yaml(proposal: Proposal, dataset: str) -> str:
    """Return what stands under a source's ``settings`` for one dataset."""
    lines = [
        (10, f"{dataset}:", ""),
        *(
            (12, f"{word}: {flow(value)}", proposal.why.get(word, ""))
            for word, value in proposal.words.items()
        ),
        (12, "columns:", ""),
        *_columns(proposal),
        *((12, "", note) for note in proposal.notes),
    ]
    return "".join(_line(*line) for line in lines)


def _columns(proposal: Proposal) -> Iterator[tuple[int, str, str]]:
    for name, words in proposal.columns.items():
        why = proposal.column_why[name]
        if name in proposal.cells:
            why += f": {_cells(proposal.cells[name])}"
        tables = [word for word in _TABLES if isinstance(words, dict) and word in words]
        if not tables:
            yield 14, f"{name}: {flow(words)}", why
            continue
        yield 14, f"{name}:", why
        for word, value in words.items():
            if word not in tables:
                yield 16, f"{word}: {flow(value)}", ""
        for word in tables:
            yield 16, f"{word}:", ""
            for text, meaning in words[word].items():
                yield 18, f"{yaml_text(text)}: {yaml_text(meaning)}", proposal.value_why.get((name, text), "")


def _cells(cells: tuple[str, ...]) -> str:
    return " | ".join(cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…" for cell in cells)


def _line(indent: int, text: str, comment: str) -> str:
    start = " " * indent + text
    if not comment:
        return start + "\n"
    return (f"{start:<{_BEFORE_COMMENT}}  # " if text else f"{start}# ") + shown(comment) + "\n"


def flow(value: Any) -> str:
    """Return words of a profile as YAML of one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_text(name)}: {flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return yaml_text(value)


def yaml_text(text: str) -> str:
    """Return a text as YAML of one line that every reader takes for this text."""
    if _PLAIN.fullmatch(text) and not _SPECIAL.fullmatch(text):
        return text
    return '"' + "".join(map(_in_quotes, text)) + '"'


def _in_quotes(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    return character if character.isprintable() else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
