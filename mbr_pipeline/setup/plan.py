"""The folder as a whole: which sources its files make, which month they are for, and what is still asked.

What belongs here: grouping, the month, and whether a month can be reconciled from these files. What does not:
one file (``exports``), ids across files (``ids``), writing (``workspace_files``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.counted import plural
from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.text_folding import fold, words_of
from mbr_pipeline.periods import Period
from mbr_pipeline.profiling.proposal import DATASET, Question
from mbr_pipeline.setup.exports import Export, files_in, is_readable_kind, key_of, recognised
from mbr_pipeline.setup.ids import joined_ids
from mbr_pipeline.setup.months import months_shown
from mbr_pipeline.setup.prefixes import without_groups
from mbr_pipeline.setup.reading import records_of, refused_rows
from mbr_pipeline.setup.strangers import Reads, strangers, with_renamed

PERIOD = ("period",)
"""The key of the question which month the files are for."""

CURRENCY = ("currency",)
"""The key of the question which currency files are in that do not show it."""

Answers = Mapping[str, Mapping[str, Any]]
"""What a person said: by file (``""``: the folder), then by the key of a question."""

_KNOWN = (
    "pax8", "connectwise", "halopsa", "autotask", "kaseya", "quickbooks", "xero", "microsoft", "ingram",
    "synnex", "sherweb", "appriver", "huntress", "ninjaone", "cipp", "azure", "aws", "google", "sentinelone",
    "datto", "acronis", "veeam", "sophos", "bitdefender", "crowdstrike", "proofpoint", "duo", "zoom",
    "dropbox", "syncro", "atera", "superops", "sage", "datev", "exact", "freshbooks", "stripe", "dynamics",
    "adobe", "keeper", "mimecast",
)  # fmt: skip
_SAID_OF_DATA = frozenset((
    "invoice", "invoices", "bill", "bills", "billing", "charges", "lines", "line", "export", "report",
    "usage", "seats", "seat", "license", "licenses", "licence", "licences", "count", "counts", "agreement",
    "agreements", "client", "clients", "customer", "customers", "company", "companies", "product",
    "products", "item", "items", "list", "of", "the", "csv", "xlsx", "data", "sales", "recon",
    "reconciliation", "statement", "monthly", "rechnung", "rechnungen", "kunden", "facture", "factures",
    "vertrag",
))  # fmt: skip


@dataclass
class Source:
    """A system that files come from, as ``mbr.yml`` will declare it."""

    name: str
    connector: str
    settings: dict[str, Any] = field(default_factory=dict)
    files: list[Export] = field(default_factory=list)

    @property
    def datasets(self) -> list[str]:
        """What it delivers, in the order of the datasets."""
        given = {export.dataset for export in self.files}
        return [name for name in DATASETS if name in given]


@dataclass
class Plan:
    """What would be set up, what is asked first, and what a person should know.

    Attributes:
        period: The month, or empty while it is asked.
        sources: The systems.
        questions: By file (``""``: the folder).
        notes: What was noticed.
        left: Files that are left out, with the reason.
    """

    period: str
    sources: list[Source]
    questions: list[tuple[str, Question]]
    notes: list[str]
    left: list[tuple[str, str]]

    @property
    def lacking(self) -> str | None:
        """Why a month cannot be reconciled from these files, if it cannot."""
        declared = {name for source in self.sources for name in source.datasets}
        if "invoice_lines" not in declared:
            return "no file has client invoices (invoice_lines): without them there is nothing to reconcile"
        if not declared & {"vendor_charges", "license_counts"}:
            return (
                "no file has vendor bills (vendor_charges) or seat counts (license_counts): add at least one"
            )
        return None


def plan(folder: Path, answers: Answers, period: str | None) -> Plan:
    """Look at every file of a folder.

    Raises:
        ConfigError: It has no file that could be read, or ``period`` is no month.
    """
    exports: list[Export] = []
    left: list[tuple[str, str]] = []
    currency = answers.get("", {}).get(key_of(CURRENCY))
    if currency is not None and not re.fullmatch("[A-Z]{3}", str(currency)):
        raise ConfigError(f"currency {currency!r}: answer with three capital letters, such as EUR")
    for path in files_in(folder):
        name = path.relative_to(folder).as_posix()
        if not is_readable_kind(path):
            left.append((name, "is no .csv, .xlsx, .jsonl or .parquet, also with .gz"))
            continue
        try:
            exports.append(recognised(path, name, answers.get(name, {}), currency))
        except UnreadableFile as error:
            left.append((name, str(error).removeprefix(f"{path.name}: ").removeprefix(f"{path.name} ")))
    if not exports:
        seen = f" ({left[0][0]}: {left[0][1]})" if left else ""
        raise ConfigError(
            f"{folder}: no file in it can be read{seen}: put the exports of one month there (.csv, .xlsx)"
        )
    notes, asked = joined_ids(exports)
    more, ambiguous = without_groups(exports)
    notes, asked = [*notes, *more], [*asked, *ambiguous]
    notes += [
        f"{e.name}: nothing asks for {key}: that answer is not used" for e in exports for key in e.unused
    ]
    questions = [(export.name, question) for export in exports for question in export.questions] + asked
    _ask_currency(exports, questions)
    _ask_names(exports, answers, questions, notes)
    month, question = _month(exports, answers, period)
    if question and not (questions and not question.options):  # other answers may show it
        questions.insert(0, ("", question))
    if not questions:
        start = Period.parse(month).start
        told = (refused_rows(e.path, e.name, e.connector, e.dataset, e.settings, start) for e in exports)
        notes += filter(None, told)
    return Plan(month, _sources(exports), questions, notes, left)


def _ask_currency(exports: list[Export], questions: list[tuple[str, Question]]) -> None:
    """Ask once for all files that do not show their currency, with those that others show."""
    open_ = [(name, each) for name, each in questions if each.key == ("columns", "currency")]
    if not open_:
        return
    for each in open_:
        questions.remove(each)
    seen = {
        text
        for e in exports
        if "currency" in DATASETS[e.dataset].column_names
        for (text,) in islice(records_of(e.path, e.name, e.connector, e.dataset, e.settings, "currency"), 100)
        if text
    }
    names = ", ".join(name for name, _ in open_)
    others = f"; other files say {' and '.join(sorted(seen))}" if seen else ""
    told = f"in which currency are the amounts of {names}?{others}"
    options = tuple(sorted(seen)) or ("EUR", "USD", "GBP")
    questions.append(("", Question(CURRENCY, told, options)))


def _ask_names(
    exports: list[Export], answers: Answers, questions: list[tuple[str, Question]], notes: list[str]
) -> None:
    """Ask who the names are that the list of clients lacks, once it is decided where names stand."""
    open_ = {name for name, each in questions if each.key in (DATASET, ("columns", "client_id"))}
    files = {e.name: e for e in exports if e.name not in open_}
    reads = [Reads(e.path, e.name, e.connector, e.dataset, e.settings) for e in files.values()]
    done, asked, unknown = strangers(reads, answers)
    for each in done:
        export = files[each.file.name]
        if export.proposal is not None:
            words = export.proposal.columns["client_id"]
            why = export.proposal.column_why["client_id"]
            export.proposal.put("client_id", with_renamed(words, {each.text: each.client_id}), why)
            export.proposal.value_why["client_id", each.text] = "as answered"
            export.profile = export.proposal.settings
    questions += asked
    notes += [f"{name}: “{text}” is not in the list of clients" for name, text in unknown]


def _month(exports: list[Export], answers: Answers, given: str | None) -> tuple[str, Question | None]:
    said = given or answers.get("", {}).get(key_of(PERIOD))
    if said:
        return Period.parse(str(said)).text, None
    found = {
        export.name: months
        for export in exports
        if (
            months := months_shown(
                export.path, export.name, export.connector, export.dataset, export.settings
            )
        )
    }
    likely = Counter(months.most_common(1)[0][0] for months in found.values())
    # a bill may have lines of earlier months; client invoices of two months are a question
    telling = [found[e.name] for e in exports if e.dataset == "invoice_lines" and e.name in found]
    if len(likely) == 1 and all(len(months) == 1 for months in telling or found.values()):
        return next(iter(likely)), None
    seen = "; ".join(
        f"{name}: " + ", ".join(f"{month} ({plural(rows, 'row')})" for month, rows in months.most_common(3))
        for name, months in found.items()
    )
    told = f"the month that the files are for? {seen or 'no file shows it'}"
    return "", Question(PERIOD, told, tuple(month for month, _ in likely.most_common()))


def _sources(exports: list[Export]) -> list[Source]:
    """Put files of one system together; two ways to read one dataset are two sources."""
    found: dict[str, Source] = {}
    for export in exports:
        base = system_of(export)
        for number in range(1, len(exports) + 1):
            name = base if number == 1 else f"{base}-{number}"
            source = found.setdefault(name, Source(name, export.connector))
            has = source.settings.get(export.dataset, export.profile or None)
            if source.connector == export.connector and has == (export.profile or None):
                source.files.append(export)
                source.settings |= export.settings
                break
    return list(found.values())


def system_of(export: Export) -> str:
    """Name the system that a file is of: a known one, its folder, or the first word that says anything."""
    if export.connector not in ("canonical", "mapped", "focus"):
        return export.connector.replace("_", "-")
    path = Path(export.name)
    words = [word for part in (*path.parts[:-1], path.name.split(".")[0]) for word in words_of(fold(part))]
    known = next((word for word in words if word in _KNOWN), None) or next(
        (system for system in _KNOWN for word in words if word.startswith(system)), None
    )
    telling = [word for word in words if word not in _SAID_OF_DATA and not any(c.isdigit() for c in word)]
    plain = re.sub("[^a-z0-9-]", "", known or (telling[0] if telling else "")) or _ROLE[export.dataset]
    return plain[:40]


_ROLE = {
    name: "psa" if dataset.psa else "vendor" if name != "license_counts" else "seats"
    for name, dataset in DATASETS.items()
}
