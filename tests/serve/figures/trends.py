"""What the page of trends must say, worked out by queries of our own.

Belongs here: the queries, and holding the page. Does not: of which MSP.
"""

from __future__ import annotations

import re
from calendar import monthrange
from decimal import Decimal

from tests.serve.browsing import Visitor
from tests.serve.figures.books import Books, Figures, amount, paid, plural
from tests.serve.figures.holding import hold

BY = {
    "client": ("client_id", "(select client_id as id, client_name as name from dim_client where $here)"),
    "product": (
        "product_code",
        "(select product_code as id, product_name as name from dim_product where $here)",
    ),
    "vendor": ("source", "(select null::varchar as id, null::varchar as name)"),
}


def _pct(part: object, whole: object) -> str:
    whole_ = Decimal(str(whole))
    if not whole_:
        return "–"
    tenths = abs(Decimal(str(part)) / whole_) * 1000
    sign = "-" if Decimal(str(part)) < 0 else ""
    return f"{sign}{int(tenths + Decimal('0.5')) / Decimal(10):.1f} %"


def hold_trends(visitor: Visitor, books: Books, published: set[str], by: str) -> None:
    """Hold the page of an MSP; the month of the books is its newest published one."""
    periods = [
        row["period"] for row in books.sql("select distinct period from fct_margin where $msp order by 1")
    ]
    currencies = [
        row["currency"] for row in books.sql("select distinct currency from fct_margin where $msp order by 1")
    ]
    assert len(periods) > 1 and periods[-1] == books.period
    expected: Figures = [
        (
            "p",
            f"{plural(len(periods), 'published month')}, DATE to DATE. Margin is what is invoiced less what"
            " it costs, of what has both in one currency; corrections that were decided are not in it.",
        )
    ]
    changes: Figures = []
    for currency in currencies:
        expected += _by_month(books, currency)
        bridge = _bridge(books, currency, periods[-2])
        expected += [(f" | {name} | ", text) for name, text in bridge]
        expected += _by_group(books, currency, by)
        changes += bridge[1:-1]
    closes = _closes(books, periods)
    expected += [
        (f"closes | {period} | {title}", text) for period, row in closes.items() for title, text in row
    ]
    recovered = ", ".join(
        paid(row["sum"], row["currency"]) + " "
        for row in books.sql(
            "select currency, sum(leakage_recovered) as sum from fct_close_metrics where $msp"
            " and currency is not null group by 1 order by 1"
        )
    )
    expected.append(("p", f"Leakage recovered in these months: {recovered}."))
    pictures = hold(visitor, f"/trends/{books.msp_id}?by={by}", expected, published)
    assert len(pictures) == 2 * len(currencies) + 2
    _hold_pictures(pictures, {text for _, text in expected}, changes)


def _by_month(books: Books, currency: str) -> Figures:
    found: Figures = []
    for row in books.sql(
        "select period, sum(billed_amount) as billed, sum(cost_amount) as cost, sum(margin_amount) as margin,"
        " sum(unmatched_billed) as loose_billed, sum(unmatched_cost) as loose_cost"
        f" from fct_margin where $msp and currency = '{currency}' group by 1 order by 1"
    ):
        at = f"Margin by month, {currency} | {row['period']} | "
        for column, name in (
            ("Billed", "billed"), ("Cost", "cost"), ("Margin", "margin"),
            ("Billed, not matched", "loose_billed"), ("Cost, not matched", "loose_cost"),
        ):  # fmt: skip
            found.append((at + column, amount(row[name])))
        found.append((f"{at}Of what is billed", _pct(row["margin"], row["billed"])))
    return found


def _by_group(books: Books, currency: str, by: str) -> Figures:
    found: Figures = []
    column, names = BY[by]
    for row in books.sql(
        f"select {column} as id, any_value(names.name) as name, sum(billed_amount) as billed,"
        " sum(cost_amount) as cost, sum(margin_amount) as margin from fct_margin"
        f" left join {names} as names on names.id = {column} where $here and currency = '{currency}'"
        " group by 1"
    ):
        name = f"{row['name']} {row['id']}" if row["name"] else (row["id"] or "no one vendor")
        at = f"Margin by {by}, {currency} | {name} | "
        found += [(f"{at}{title}", amount(row[title.lower()])) for title in ("Billed", "Cost", "Margin")]
        found.append((f"{at}Of what is billed", _pct(row["margin"], row["billed"])))
    return found


def _bridge(books: Books, currency: str, before: str) -> Figures:
    """The way from the margin of the month before to the newest, in floating point: exact to the cent."""
    items = """
        select client_id, product_code, sum(billed_unit_days) / {days} as q, sum(billed_amount)::double as b,
            sum(cost_amount)::double as c, sum(margin_amount)::double as m,
            bool_and(margin_state not in ('other_currency', 'not_compared')) as known
        from fct_margin where $msp and currency = '{currency}' and period = '{period}' group by all"""
    old, new = (
        items.format(currency=currency, period=each, days=f"{monthrange(int(each[:4]), int(each[5:]))[1]}.0")
        for each in (before, books.period)
    )
    [row] = books.sql(f"""
        with old as ({old}), new as ({new}),
        sides as (
            select old.q as q0, old.b as b0, old.c as c0, old.m as m0, new.q as q1, new.b as b1, new.c as c1,
                new.m as m1, coalesce(old.known and new.known, false) as known,
                coalesce(old.known and new.known and old.q > 0 and new.q > 0, false) as compared
            from old full join new using (client_id, product_code)
        ),
        sums as (
            select coalesce(sum(m0), 0) as start,
                coalesce(sum(b1 - b0 / q0 * q1) filter (compared), 0) as price,
                coalesce(sum(c0 / q0 * q1 - c1) filter (compared), 0) as cost,
                coalesce(sum(m0) filter (compared) / sum(q0) filter (compared)
                    * (sum(q1) filter (compared) - sum(q0) filter (compared)), 0) as volume,
                coalesce(sum(m0 / q0 * (q1 - q0)) filter (compared), 0) as shifts,
                coalesce(sum(m1) filter (m0 is null), 0) as new,
                -coalesce(sum(m0) filter (m1 is null), 0) as lost,
                coalesce(sum(m1 - m0) filter (known and not compared), 0) as other,
                coalesce(sum(m1 - m0) filter (not known), 0) as not_comparable
            from sides
        )
        select *, shifts - volume as mix from sums""")
    names = ("price", "cost", "volume", "mix", "new", "lost", "other", "not comparable")
    found, so_far, reached = (
        [(f"Margin {before}", amount(round(Decimal(str(row["start"])), 2)))],
        Decimal(0),
        Decimal(0),
    )
    for name in names:  # each is rounded so that they add up
        so_far += Decimal(str(row[name.replace(" ", "_")]))
        found.append((name, amount(round(so_far, 2) - reached)))
        reached = round(so_far, 2)
    return [*found, (f"Margin {books.period}", amount(round(Decimal(str(row["start"])) + so_far, 2)))]


def _closes(books: Books, periods: list[str]) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for n, period in enumerate(periods):
        there = f"$msp and period = '{period}'"
        [count] = books.sql(
            "select count(*) filter (status = 'open') as opened,"
            " count(*) filter (status = 'decided') as decided,"
            f" count(*) filter (status = 'auto_cleared') as cleared from fct_exceptions where {there}"
        )
        [first] = books.sql(
            "select count(distinct client_id) as whole, count(distinct client_id) filter (verdict = 'PASS'"
            f" and client_id not in (select client_id from fct_decisions where {there} and state = 'in_force'"
            f" and client_id is not null)) as part from fct_client_gate where {there}"
        )
        issues = f"select distinct issue_id from fct_exceptions where {there} and status <> 'auto_cleared'"
        before = f"$msp and period = '{periods[n - 1] if n else 'none'}' and status <> 'auto_cleared'"
        [again] = books.sql(
            "select count(*) as whole, count(*) filter (issue_id in (select issue_id from fct_exceptions"
            f" where {before})) as part from ({issues})"
        )
        leakage = books.sql(
            "select currency, sum(leakage_found) as found, sum(leakage_recovered) as recovered"
            f" from fct_close_metrics where {there} and currency is not null group by 1 order by 1"
        )
        oldest = _oldest(books, periods[: n + 1])
        row = [
            ("Open", f"{count['opened']}"),
            ("Decided", f"{count['decided']}"),
            ("Cleared by itself", f"{count['cleared']}"),
            ("Clients that pass at once", f"{first['part']} of {first['whole']}"),
            ("Findings seen the month before", f"{again['part']} of {again['whole']}" if n else "–"),
            ("Oldest open, months", f"{oldest} or more" if oldest == n + 1 else f"{oldest}"),
            (
                "Leakage found, recovered",
                " ".join(f"{amount(r['found'])}, {paid(r['recovered'], r['currency'])}" for r in leakage),
            ),
        ]
        for entry in books.entries():
            if (entry["kind"], entry["period"]) == ("close", period):
                ended = f"date '{period}-01' + interval 1 month"
                days = books.one(f"select date_diff('day', {ended}, date '{entry['at'][:10]}')")
                row.append(("Days to close", f"{days}"))
        found[period] = row
    return found


def _oldest(books: Books, periods: list[str]) -> int:
    """How many months in a row the oldest issue is there that is open or deferred in the last."""
    there = f"$msp and period = '{periods[-1]}'"
    ids = (
        f"(select issue_id from fct_exceptions where {there} and status = 'open' union select issue_id from"
        f" fct_decisions where {there} and action = 'defer' and state = 'in_force')"
    )
    for age, earliest in enumerate(periods):
        wanted = "', '".join(periods[age:])
        rows = books.sql(
            "select issue_id from fct_exceptions where $msp and status <> 'auto_cleared' and"
            f" period in ('{wanted}') and issue_id in {ids} group by 1"
            f" having count(distinct period) = {len(periods) - age}"
        )
        if rows:
            return len(periods) - age
        assert earliest
    return 0


def _hold_pictures(pictures: list[list[str]], texts_: set[str], changes: Figures) -> None:
    """Each figure of a picture stands in a table of the page, or is a share of two that stand there."""
    shares = {
        _pct(*(int(part) for part in text.split(" of ")))
        for text in texts_
        if re.fullmatch(r"\d+ of \d+", text)
    }
    known = {each for text in texts_ for each in re.findall(r"[\d,]+(?:\.\d+)?", text)}
    known |= {each.removesuffix(" %").removeprefix("-") for each in shares}
    for texts_of in pictures:
        for text in texts_of:
            bare = re.sub(r"\d{4}-\d{2}", "", text)
            for figure in re.findall(r"[\d,]*\d(?:\.\d+)?", bare):
                assert figure in known, (figure, text)
    told = " ".join(text for texts_of in pictures for text in texts_of)
    for name, text in changes:
        if Decimal(text.replace(",", "")):
            sign = "−" if text.startswith("-") else "+"
            assert f"{name} {sign}{text.lstrip('-')}" in told, name
