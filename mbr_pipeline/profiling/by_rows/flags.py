"""Columns of yes and no: what is in use, which clients are active, which lines recur.

What belongs here: what such a column says by its heading. What does not: asking whether rows count
(``columns.left_out``), texts that say it themselves (``columns.categories``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS

_YES, _NO = MEANINGS["true"].split("|"), MEANINGS["false"].split("|")
_OUT_FLAGS = word_set(
    "inactive disabled deleted removed archived paused suspended cancelled canceled terminated expired void"
    " voided draft onetime 1time onetimecharge trial nfr demo excluded ignored notbillable nonbillable"
    " inaktiv gesperrt geloscht gekundigt storniert inactif supprime inactivo eliminado"
)
"""Headings, without spaces and a leading “is”, of what is not in use where a cell says yes."""

_IN_FLAGS = word_set(
    "active enabled aktiv actif activo billable billed invoiced posted monitored managed "
    "protected licensed attivo actief ativo"
)

_ACTIVE = word_set("active enabled aktiv actif activo attivo actief ativo")
_INACTIVE = word_set(
    "inactive disabled archived deactivated inaktiv inactif inactivo inattivo inactief inativo"
)
_RECURRING = word_set(
    "recurring recurringcharge recurringitem wiederkehrend recurrent recurrente ricorrente recorrente"
    " terugkerend periodiek"
)
_ONE_TIME = word_set(
    "onetime 1time oneoff 1off onetimecharge einmalig eenmalig ponctuel unatantum unico pontual"
)
"""Headings, without spaces and a leading “is”, of columns of yes and no."""

_OTHER = (
    ("yes", "no"),
    ("y", "n"),
    ("true", "false"),
    ("1", "0"),
    ("ja", "nein"),
    ("ja", "nee"),
    ("oui", "non"),
)
"""Yes and no as one program writes them, as far as one tells the other."""


def flags_of(sample: Sample) -> dict[str, list[str]]:
    """Return the columns of yes and no that say of some rows that they are out of use, with the texts of
    the others.
    """
    found = {}
    for heading in filter(None, sample.headings):
        called = _called(heading)
        texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
        if not all(folded(text) in (*_YES, *_NO, "") for text in texts) or len(texts) < 2:
            continue
        kept = [text for text in texts if folded(text) not in _YES]
        if called in _IN_FLAGS:
            kept = [text for text in texts if folded(text) not in (*_NO, "")]
        if (called in _OUT_FLAGS or called in _IN_FLAGS) and 0 < len(kept) < len(texts):
            found[heading] = kept
    return found


def told_by_flags(proposal: Proposal, sample: Sample, dataset: Dataset) -> set[str]:
    """Return the columns of yes and no that are a client's status or a line's category: they say what a row
    is, and not that it does not count. The only one that calls clients active or inactive is their status.
    """
    if dataset.name == "clients":
        said = [h for h in flags_of(sample) if _called(h) in _ACTIVE | _INACTIVE]
        if "status" not in proposal.columns and len(said) == 1:
            proposal.put("status", said[0], "yes and no: who is active")
        named = heading_of(proposal.columns.get("status"))
        return {named} if named and meant_by_flag(sample, named, "status") else set()
    found = recurring_flag(sample) if "charge_category" in dataset.column_names else None
    return {found} if found else set()


def recurring_flag(sample: Sample) -> str | None:
    """Return the only column of yes and no that says which lines recur."""
    found = [h for h in sample.headings if h and meant_by_flag(sample, h, "charge_category")]
    return found[0] if len(found) == 1 else None


def meant_by_flag(sample: Sample, heading: str, column: str) -> dict[str, str]:
    """Return what the texts of a column of yes and no mean by its heading; nothing if it is none. An empty
    cell is the other of the only text that there is.
    """
    pairs = {
        "status": ((_ACTIVE, "active", "inactive"), (_INACTIVE, "inactive", "active")),
        "charge_category": ((_RECURRING, "recurring", "one_time"), (_ONE_TIME, "one_time", "recurring")),
    }
    texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
    said = {text: folded(text) in _YES for text in texts if text}
    if not said or not all(folded(text) in (*_YES, *_NO) for text in said):
        return {}
    for listed, yes, no in pairs.get(column, ()):
        if _called(heading) in listed:
            table = {text: yes if is_so else no for text, is_so in said.items()}
            table |= {text: no if yes in table.values() else yes for text in _unseen(list(said))}
            if "" in texts:
                table |= {"": no} if all(said.values()) else {"": yes} if not any(said.values()) else {}
            return table
    return {}


def _unseen(said: list[str]) -> list[str]:
    """Return the other of the only text, in its case, which a later file may have."""
    if len(said) != 1:
        return []
    text = said[0]
    found = [pair[1 - pair.index(text.lower())] for pair in _OTHER if text.lower() in pair]
    other = found[0] if len(found) == 1 else ""
    return [other.upper() if text.isupper() else other.title() if text.istitle() else other] if other else []


def _called(heading: str) -> str:
    return folded(heading).replace(" ", "").removeprefix("is")
