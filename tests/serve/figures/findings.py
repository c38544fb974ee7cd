"""The page of every finding against what `mbr explain` prints and the landed files say.

Belongs here: holding those pages. Does not: lists of findings (``expected``).
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

from click.testing import CliRunner

from mbr_pipeline.cli.explain import command as explain
from tests.serve.browsing import Visitor
from tests.serve.figures.books import DIRECTIONS, Books, with_cost
from tests.serve.figures.files import content, landed_files
from tests.serve.figures.reading import said_on


def hold_findings(visitor: Visitor, books: Books, published: set[str], *beside: str) -> None:
    """Hold the page of every finding; ``beside``: what all of them say of the month's state."""
    for row in books.sql("select * from fct_exceptions where $here"):
        asked = [row["exception_id"], "--all", "--workspace", str(books.root)]
        told = CliRunner().invoke(explain, asked)
        assert told.exception is None
        # what is printed is folded into lines, and cells are columns of a table
        landed = {" ".join(told.stdout.split())}
        amounts = [(name, row[name]) for name in (*DIRECTIONS, "priced_at_cost") if Decimal(row[name])]
        assert visitor.get(f"{books.here}/findings/{row['exception_id']}").status_code == 200
        said = said_on(visitor.page)
        assert (("dd Money", with_cost(row, books.currency)) in said.figures) == bool(amounts)
        others = [text for place, text in said.figures if place != "dd Money" and text not in beside]
        records = Counter(each.rpartition("/")[2].partition(".")[0] for each in row["evidence"])
        for text in others:
            if counted := re.fullmatch(r"(\d+) further records? behind it", text):
                assert int(counted[1]) < len(row["evidence"])
                continue
            if counted := re.fullmatch(r".*, the first (\d+) of (\d+)", text):
                assert int(counted[2]) in records.values() and int(counted[1]) < int(counted[2])
                continue
            assert any(" ".join(text.split()) in each for each in landed), (row["exception_code"], text)
        cells = {cell for words in landed for cell in words.split()}
        for text in said.words:
            is_told = any(text in each for each in published | landed)
            assert is_told or set(text.split()) <= cells or _is_landed(books, text), text


def _is_landed(books: Books, text: str) -> bool:
    contents = [content(path) for path in landed_files(books)]
    return all(any(part in content for content in contents) for part in text.split(" | "))
