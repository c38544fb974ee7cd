"""Closing a month in a browser, handing it over and looking back (contract §9, §10, §12, §13).

Belongs here: that pages show what commands say, and refuse what they refuse. Does not: the rules themselves
(tests/release). Expected values are those of the month written by hand in ``tests.release.months``: C-1
passes with 80.00 USD and 700 JPY, C-2 is held with 8.00 USD.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.release.months import CREDITED, PEOPLE, Month
from tests.serve.browsing import Visitor, served
from tests.serve.close.closing import HERE, HOSTILE, LEFT_OUT, close, hidden, mark_of, published
from tests.support.small import PERIOD


def test_what_stands_in_the_way_is_told_point_by_point(month: Month, visitor: Visitor) -> None:
    for title in (
        "The gate passed : yes",
        "Nothing newer is there : yes",
        "What is published is what was audited : yes",
        "No decision waits for a second person : yes",
        "Every client may be invoiced : no 1 client on hold",
    ):
        assert title in visitor.text
    assert "UNDERBILLED_QUANTITY · 8.00 USD recoverable" in visitor.text
    path = month.root / f"landing/acme/{PERIOD}/psa/clients.csv"
    path.write_text(path.read_text() + "C-9,Nine\n")
    visitor.get(f"{HERE}/close")
    changed = "landed files, rules, settings or decisions changed since the month was loaded"
    closed = f"acme 2026-10: {changed}, nothing was closed: run `mbr run"
    assert f"Nothing newer is there : no {closed}" in visitor.text
    assert "It can be closed when each point above holds." in visitor.text
    month.paths.certificate.unlink()
    visitor.get(f"{HERE}/close")
    assert "The gate passed : no acme 2026-10: no gate certificate" in visitor.text
    assert "Nothing newer is there : cannot be told yet" in visitor.text


def test_who_is_held_is_left_out_with_a_reason_and_the_head_is_shown(month: Month, visitor: Visitor) -> None:
    assert close(visitor) == 422
    assert "1 client is held: C-2" in visitor.text
    assert close(visitor, **{"except": "C-2"}) == 422
    assert "--except needs --reason" in visitor.text
    assert close(visitor, **{"except": "C-1", "reason": "kept <b>text</b>"}) == 422
    assert "C-1: only who is held can be excepted" in visitor.text
    assert ">kept &lt;b&gt;text&lt;/b&gt;</textarea>" in visitor.page
    assert month.kinds() == []
    assert close(visitor, **LEFT_OUT) == 200
    [entry] = month.entries()
    assert (entry.kind, entry.actor, entry.body["except"]) == ("close", "owner1", ["C-2"])
    assert (
        f"Ready to invoice: 700 JPY, 80.00 USD. Left out, still held: C-2. Head of the chain: {entry.hash}"
        in (visitor.text)
    )
    assert f'aria-label="Head of the chain">{entry.hash}</pre>' in visitor.page
    assert month.sql("select distinct version from fct_client_gate_versions") == [(1,)]


def test_all_who_are_held_can_be_left_out_at_once(month: Month, visitor: Visitor) -> None:
    assert close(visitor, except_all="yes", reason="next month") == 200
    assert month.entries()[0].body["except"] == ["C-2"]


def test_pressing_twice_closes_once(month: Month, visitor: Visitor) -> None:
    form = {"mark": mark_of(visitor), **LEFT_OUT}
    assert visitor.post(f"{HERE}/close", form).status_code == 200
    assert visitor.post(f"{HERE}/close", form).status_code == 200
    assert "closed, version 1 already: nothing was entered" in visitor.text
    assert month.kinds() == ["close"]


def test_what_was_not_seen_is_not_closed(month: Month, visitor: Visitor) -> None:
    seen = mark_of(visitor)
    month.publish(CREDITED)
    assert visitor.post(f"{HERE}/close", {"mark": seen}).status_code == 409
    assert "The month was run again after this page was opened" in visitor.text
    assert "80.50 USD" in visitor.text  # 72.50 of C-1 and 8.00 of C-2: what is here now
    assert month.kinds() == []


def test_a_month_that_is_not_current_is_refused_in_the_commands_words(month: Month, visitor: Visitor) -> None:
    mark = mark_of(visitor)
    path = month.root / f"landing/acme/{PERIOD}/psa/clients.csv"
    path.write_text(path.read_text() + "C-9,Nine\n")
    assert visitor.post(f"{HERE}/close", {"mark": mark, **LEFT_OUT}).status_code == 409
    assert f"run `mbr run --period {PERIOD} --msp acme`" in visitor.text
    assert month.kinds() == []


def test_a_month_is_opened_again_compared_and_sealed(month: Month, visitor: Visitor) -> None:
    assert "it was never closed" in (visitor.get(f"{HERE}/restatement") and visitor.text)
    close(visitor, **LEFT_OUT)
    assert visitor.post(f"{HERE}/reopen", {"version": "1"}).status_code == 422
    assert "reopen needs --reason" in visitor.text
    visitor.post(f"{HERE}/reopen", {"version": hidden(visitor, "version"), "reason": "a late credit"})
    assert "2026-10 is open; its newest version is 1." in visitor.text
    assert "It was run since it was opened again : no" in visitor.text
    assert "Opened again by owner1" in visitor.text and "a late credit" in visitor.text
    month.publish(CREDITED)
    visitor.get(f"{HERE}/restatement")
    # worked by hand: 72.50 in place of 80.00, the 700 yen gone, 8.00 of C-2 new
    assert "ready to invoice: -700.0000 JPY, +0.5000 USD" in visitor.text
    assert "changed amount 80.0000 72.5000 -7.50 USD" in visitor.text
    assert "removed amount 700.0000 nothing -700 JPY" in visitor.text
    assert "added amount nothing 8.0000 + 8.00 USD" in visitor.text
    assert "exception_code" not in visitor.text
    assert "exception_code" in (visitor.get(f"{HERE}/restatement?all=1") and visitor.text)
    assert close(visitor) == 200
    assert visitor.post(f"{HERE}/seal").status_code == 422
    assert "say that it is for ever" in visitor.text
    visitor.post(f"{HERE}/seal", {"version": "2", "sure": "yes", "reason": "audited"})
    assert "2026-10 is sealed; its newest version is 2." in visitor.text
    assert visitor.post(f"{HERE}/reopen", {"reason": "r"}).status_code == 409
    assert "it can never be opened again" in visitor.text
    assert month.kinds() == ["close", "reopen", "close", "seal"]


def test_a_version_that_was_not_seen_is_neither_sealed_nor_opened_again(
    month: Month, visitor: Visitor
) -> None:
    close(visitor, **LEFT_OUT)
    form = {"version": hidden(visitor, "version"), "reason": "audited", "sure": "yes"}
    month.told("reopen", "--reason", "a late credit")
    month.publish(CREDITED)
    month.told("close")
    for name in ("seal", "reopen"):
        assert visitor.post(f"{HERE}/{name}", form).status_code == 409
        assert "closed again after this page was opened, as version 2" in visitor.text
    assert month.kinds() == ["close", "reopen", "close"]
    visitor.post(f"{HERE}/seal", {**form, "version": hidden(visitor, "version")})
    assert "2026-10 is sealed; its newest version is 2." in visitor.text
    assert month.kinds() == ["close", "reopen", "close", "seal"]


def test_who_may_not_is_told_before_and_refused_after(tmp_path: Path) -> None:
    month = published(tmp_path, PEOPLE)
    password = "correct horse battery"
    set_password(Workspace.open(WorkspacePaths(tmp_path)), "clerk1", password)
    with served(tmp_path, user="") as (_, address):
        clerk = Visitor.signed_in(address, "clerk1", password)
        clerk.get(f"{HERE}/close")
        assert "clerk1 has not the role approver, which close needs: ask somebody who may" in clerk.text
        assert '<button class="primary" disabled>Close' in clerk.page
        assert close(clerk, **LEFT_OUT) == 422
        assert "clerk1 has not the role approver, which close needs" in clerk.text
        month.told("close", "--except", "C-2", "--reason", "r")
        for name in ("reopen", "seal"):
            clerk.get(f"{HERE}/close")
            assert f"which {name} needs: ask somebody who may" in clerk.text
            assert clerk.post(f"{HERE}/{name}", {"reason": "r", "sure": "yes"}).status_code == 422
        clerk.get(f"{HERE}/export/csv")
        assert clerk.post(f"{HERE}/export/csv").status_code == 200
    kinds = [(e.kind, e.actor, e.body.get("command")) for e in month.entries()]
    assert kinds == [
        ("denied", "clerk1", "close"), ("close", "owner1", None), ("denied", "clerk1", "reopen"),
        ("denied", "clerk1", "seal"), ("export", "clerk1", None),
    ]  # fmt: skip


def test_a_demo_shows_it_and_changes_nothing(month: Month) -> None:
    with served(month.root, user="", is_demo=True) as (_, address):
        visitor = Visitor(address)
        assert visitor.get(f"{HERE}/close").status_code == 200
        assert close(visitor, **LEFT_OUT) == 403
    assert month.kinds() == []


def test_hostile_texts_are_texts_on_every_page(month: Month) -> None:
    month.publish(
        {
            "marts.fct_client_gate": [
                {"client_id": text, "currency": "USD", "verdict": "HOLD", "held_amount": "1.00"}
                for text in HOSTILE
            ],
            "marts.dim_client": [{"client_id": text, "client_name": text[::-1]} for text in HOSTILE],
        }
    )
    with served(month.root, user="owner1") as (site, address):
        visitor = Visitor.by_link(site, address)
        visitor.get(f"{HERE}/close")
        values = [part.partition('"')[0] for part in visitor.page.split('name="except" value="')[1:]]
        assert len(values) == len(HOSTILE)
        fields = [("mark", mark_of(visitor)), ("reason", HOSTILE[1]), *(("except", each) for each in values)]
        assert visitor.post(f"{HERE}/close", fields).status_code == 200
        assert month.entries()[0].body["except"] == sorted(HOSTILE)
        visitor.get(f"{HERE}/close")
        pages = [visitor.page]
        for path in ("pack", "clients", "export/csv", "restatement", "verify"):
            assert visitor.get(f"{HERE}/{path}").status_code == 200, path
            pages.append(visitor.page)
    for text in pages:
        assert "<img src=x" not in text and "<script>alert" not in text and "\u202e" not in text
    assert "⟨U+202E⟩evil⟨U+202C⟩ name" in pages[0]
    assert (
        HOSTILE[1]
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&#34;")
        .replace("'", "&#39;")
        in pages[0]
    )


def test_a_month_that_is_only_landed_has_nothing_to_close(month: Month) -> None:
    with served(month.root, user="owner1") as (site, address):
        visitor = Visitor.by_link(site, address)
        for path in ("close", "clients", "pack", "restatement", "export/xero", "verify"):
            assert visitor.get(f"/m/acme/2026-09/{path}").status_code == 200, path
            assert visitor.get(f"/m/birch/{PERIOD}/{path}").status_code == 404, path
