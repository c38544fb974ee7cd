"""The page of a finding on a month that was computed: its derivation is the one that `mbr explain` prints.

Belongs here: findings of the demo. Does not: derivations (``tests/explain``).
"""

from __future__ import annotations

import re
from pathlib import Path

from mbr_pipeline.explain import explain_exception
from mbr_pipeline.serve.worklist.items import read
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.serve.browsing import Visitor, served, text_of

HERE = "/m/northwind/2026-10"


def test_a_finding_shows_its_records_and_how_it_follows(demo: Path) -> None:
    paths = WorkspacePaths(demo)
    work = read(Workspace.open(paths).month("northwind", "2026-10"))
    assert work is not None
    with served(demo) as (site, address):
        visitor = Visitor.by_link(site, address)
        for item in work.items:
            visitor.get(f"{HERE}/findings/{item.finding.id}")
            derived = explain_exception(paths, item.finding.id).derived
            text = text_of(visitor.page.replace("<bdi", " <bdi"))
            for part in derived.parts:
                for words in (part.title, *part.columns, *part.lines, *(c for row in part.rows for c in row)):
                    assert " ".join(words.split()) in text, (item.finding.code, words)
            assert "equal to the published impact" in text, item.finding.code
        # the demo by hand (its page): 28 seats are billed, 31 invoiced, 3 x 26.40 to refund
        [over] = [i.finding.id for i in work.items if i.finding.code == "OVERBILLED_QUANTITY"]
        visitor.get(f"{HERE}/findings/{over}?list=sort%3Dcode")
        text = visitor.text
        assert "2026-10: 28 provided by the vendor bill for the month, 31 invoiced. Refund 79.20 USD" in text
        assert "(3 x 26.40 a month, the agreement price)" in text
        vendor, client = re.split("The client's side", text, maxsplit=1)
        assert "2026-10/pax8/vendor_charges.csv:17" in vendor and "quantity 28 unit cost 18.7" in vendor
        assert "2026-10/connectwise/invoice_lines.parquet:42" in client and "quantity 31" in client
        assert f'href="{HERE}/worklist?sort=code"' in visitor.page
        chosen = re.findall(r'name="chosen" value="([^"]+)"', visitor.page)
        fields = {"chosen": chosen[0], "action": "approve", "step": "enter", "back": over}
        assert visitor.post(f"{HERE}/worklist/decide", fields).url.endswith(f"/findings/{over}")
        assert "1 finding approved." in visitor.text and "clerk1 approve" in visitor.text
