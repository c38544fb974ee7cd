"""The number of a vendor's bill, where no heading is called one.

What belongs here: whether a file names any document. What does not: ids known by their headings
(``identifiers``), the lines above the headings (``currencies``).
"""

from __future__ import annotations

import re

from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.sample import Sample

_OF_DOCUMENTS = word_set(
    "invoice invoices bill bills document doc statement order transaction number no nr num reference ref"
    " rechnung rechnungsnummer beleg belegnummer facture factura numero nummer voucher"
)
_NOT_OF_DOCUMENTS = word_set(
    "date period cycle line item row phone serial part sku product customer account type status count name"
    " method contract partner"
)
_MONTH = re.compile(r"20[0-9]{2}[-_. ]?(?:0[1-9]|1[0-2])(?:[-_. ]?[0-3][0-9])?")


def names_no_document(sample: Sample) -> bool:
    """Whether no heading, no line above and no digits of the name but a date may be the number of a bill: the
    month's name then stands for it, which nothing else in the file is compared with.
    """
    if any(_may_be_one(heading) for heading in sample.headings if sample.values(heading)):
        return False
    return not sample.above and not any(c.isdigit() for c in _MONTH.sub("", sample.name.rpartition(".")[0]))


def _may_be_one(heading: str) -> bool:
    words = set(folded(heading).split())
    return bool(words & _OF_DOCUMENTS) and not words & _NOT_OF_DOCUMENTS
