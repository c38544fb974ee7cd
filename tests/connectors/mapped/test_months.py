"""Names of months in seven languages, short and written out.

Belongs here: what a form with MMM or MMMM reads. Does not: other forms of dates (``test_mapped_texts``).
"""

from __future__ import annotations

from datetime import date

import pytest

from connectors.mapped.months import _FULL, _SHORT
from connectors.mapped.values import DateFormat


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("D MMM YYYY", "4 Mar 2027", date(2027, 3, 4)),
        ("D. MMM YYYY", "4. Mrz. 2027", date(2027, 3, 4)),
        ("D. MMMM YYYY", "4. MÄRZ 2027", date(2027, 3, 4)),
        ("D MMM YYYY", "4 févr. 2027", date(2027, 2, 4)),
        ("D MMMM YYYY", "4 AOÛT 2027", date(2027, 8, 4)),
        ("D MMMM YYYY", "4 fevrier 2027", date(2027, 2, 4)),
        ("D de MMMM de YYYY", "4 de enero de 2027", date(2027, 1, 4)),
        ("D-MMM-YYYY", "4-mei-2027", date(2027, 5, 4)),
        ("D MMM YYYY", "4 lug 2027", date(2027, 7, 4)),
        ("MMM-YY", "out-27", date(2027, 10, 1)),
        ("D MMMM YYYY", "4 Mar 2027", None),  # not written out
        ("D MMM YYYY", "4 March 2027", None),  # not cut short
        ("D MMM YYYY", "4 Mat 2027", None),
        ("D MMM YYYY", "31 avr. 2027", None),
    ],
)
def test_a_month_is_read_in_any_of_the_languages(form: str, text: str, day: date | None) -> None:
    assert DateFormat(form).read(text) == day


def test_no_name_means_two_months() -> None:
    for names in (_FULL, _SHORT):
        words = [word for listed in names for word in listed.split()]
        assert len(words) == len(set(words))
