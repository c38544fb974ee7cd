"""Product codes that invoices write with a group in front: ``Cloud:M365-BP`` for an agreement's ``M365-BP``.

What belongs here: seeing it across files, and taking it off where nothing is lost by it. What does not: which
column has the products (``profiling``).
"""

from __future__ import annotations

from collections.abc import Sequence

from mbr_pipeline.profiling.proposal import Question, heading_of
from mbr_pipeline.setup.exports import Export
from mbr_pipeline.setup.reading import records_of

_COLUMN = "product_code"


def without_groups(exports: Sequence[Export]) -> tuple[list[str], list[tuple[str, Question]]]:
    """Take groups off where every code behind one is known to the products or the agreements. Two texts that
    would become one code are a question. Returns what was done, and what is asked.
    """
    notes: list[str] = []
    asked: list[tuple[str, Question]] = []
    known = {
        code
        for dataset in ("products", "agreements")
        for export in exports
        if export.dataset == dataset
        for code in _codes(export)
    }
    for export in exports:
        words = export.profile.get("columns", {}).get(_COLUMN)
        is_open = export.proposal is None or not export.proposal.is_certain or _COLUMN in export.answered
        if export.dataset != "invoice_lines" or is_open or not isinstance(words, str) or not known:
            continue
        texts = _codes(export)
        groups = {
            text: text.rpartition(":")[2].strip() for text in texts if ":" in text and text not in known
        }
        found = {text: code for text, code in groups.items() if code in known}
        if not found:
            continue
        prefixes = sorted({text[: text.rindex(":") + 1] for text in found})
        meant = [found.get(text, text) for text in texts]
        taken = {"heading": words, "without_prefix": prefixes}
        if len(set(meant)) == len(meant) and export.proposal is not None and heading_of(words):
            export.proposal.put(_COLUMN, taken, "without the group, as agreements and products write it")
            export.profile = export.proposal.settings
            notes.append(f"{export.name}: {_COLUMN} is read without {', '.join(prefixes)}")
        else:
            twice = next(code for code in meant if meant.count(code) > 1)
            both = " and ".join(f"“{text}”" for text in texts if found.get(text, text) == twice)
            told = f"{_COLUMN}: {both} are both {twice} without their group: are they one product?"
            asked.append((export.name, Question(("columns", _COLUMN), told, (taken, words))))
    return notes, asked


def _codes(export: Export) -> list[str]:
    records = records_of(export.path, export.name, export.connector, export.dataset, export.settings, _COLUMN)
    return list(dict.fromkeys(code for (code,) in records if code))
