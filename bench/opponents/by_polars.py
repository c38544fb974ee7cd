"""The question of ``bench.opponents`` in polars: ``python -m bench.opponents.by_polars WORKSPACE``.

What belongs here: what an analyst who knows polars writes: lazy frames from end to end, so that polars reads
no more than it needs and plans the whole at once. Quantities and money are binary floating point. The answer
is ``opponents/polars.parquet``.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import polars as pl

START, END = date(2026, 6, 1), date(2026, 7, 1)
KEY = ["client_id", "product_code"]
UNLIKE = ["line_id", "invoice_id", "vendor_customer_name", "sku_name"]
"""In what a repeated charge may differ from the first."""


def _landed(workspace: Path, dataset: str) -> pl.LazyFrame:
    paths = sorted((workspace / "landing" / "bench" / "2026-06").glob(f"*/{dataset}.csv"))
    parts = [
        pl.scan_csv(path, try_parse_dates=True).with_columns(source=pl.lit(path.parent.name))
        for path in paths
    ]
    return pl.concat(parts)


def _rules(workspace: Path, name: str) -> pl.LazyFrame:
    rules = pl.scan_csv(workspace / "rules" / "bench" / f"{name}.csv", try_parse_dates=True)
    return rules.with_columns(
        pl.col("valid_from").cast(pl.Date).fill_null(date.min),
        pl.col("valid_to").cast(pl.Date).fill_null(date.max),
    )


def _days(starts: str, ends: str) -> pl.Expr:
    shared = pl.min_horizontal(pl.col(ends), pl.lit(END)) - pl.max_horizontal(pl.col(starts), pl.lit(START))
    return shared.dt.total_days().clip(lower_bound=0)


def _mapped(lines: pl.LazyFrame, rules: pl.LazyFrame, on: list[str], day: str) -> pl.LazyFrame:
    """Join each line with the rule that holds on its day; lines without one are left out."""
    joined = lines.join(rules, on=on)
    holds = (pl.col(day) >= pl.col("valid_from")) & (pl.col(day) < pl.col("valid_to"))
    return joined.filter(holds).drop("valid_from", "valid_to")


def _billed(workspace: Path, clients: pl.LazyFrame, skus: pl.LazyFrame) -> pl.LazyFrame:
    lines = _landed(workspace, "vendor_charges")
    # a charge that is repeated under another number counts once
    lines = lines.unique(pl.selectors.exclude(*UNLIKE), keep="first", maintain_order=True)
    lines = lines.with_columns(
        days=_days("charge_period_start", "charge_period_end"),
        mapped_on=pl.max_horizontal(pl.col("charge_period_start"), pl.lit(START)),
    ).filter((pl.col("charge_category") == "recurring") & (pl.col("days") > 0))
    lines = _mapped(lines, clients, ["source", "vendor_customer_id"], "mapped_on")
    exact = _mapped(
        lines, skus.filter(pl.col("term").is_not_null()), ["source", "sku_id", "term"], "mapped_on"
    )
    blank = skus.filter(pl.col("term").is_null()).drop("term")
    others = lines.join(exact, on=["source", "invoice_id", "line_id"], how="anti")
    others = _mapped(others, blank, ["source", "sku_id"], "mapped_on")
    both = pl.concat([exact, others], how="diagonal")
    return both.group_by(KEY).agg(
        billed_unit_days=(pl.col("quantity") * pl.col("units_per") * pl.col("days")).sum(),
        billed_amount=pl.col("amount").sum(),
    )


def _counted(workspace: Path, clients: pl.LazyFrame, skus: pl.LazyFrame) -> pl.LazyFrame:
    counts = _mapped(
        _landed(workspace, "license_counts"), clients, ["source", "vendor_customer_id"], "as_of_date"
    )
    blank = skus.filter(pl.col("term").is_null()).drop("term")
    counts = _mapped(counts, blank, ["source", "sku_id"], "as_of_date")
    return counts.group_by(KEY).agg(counted_quantity=pl.col("entitled_quantity").sum())


def _agreed(workspace: Path) -> pl.LazyFrame:
    ends = pl.col("effective_end").cast(pl.Date).fill_null(date.max)
    days = _days("effective_start", "effective_end")
    lines = _landed(workspace, "agreements").with_columns(effective_end=ends)
    return lines.group_by(KEY).agg(agreed_unit_days=(pl.col("quantity") * days).sum())


def _invoiced(workspace: Path) -> pl.LazyFrame:
    lines = _landed(workspace, "invoice_lines").filter(pl.col("charge_category") == "recurring")
    days = _days("service_period_start", "service_period_end")
    return lines.group_by(KEY).agg(
        invoiced_unit_days=(pl.col("quantity") * days).sum(), invoiced_amount=pl.col("amount").sum()
    )


def main(workspace: Path) -> None:
    """Answer the question and write it."""
    clients, skus = _rules(workspace, "client_map"), _rules(workspace, "sku_map")
    metering = pl.scan_csv(workspace / "rules/bench/metering.csv").select("product_code", "basis")
    products = pl.scan_csv(workspace / "landing/bench/2026-06/connectwise/products.csv")
    backed = pl.when("vendor_backed").then(pl.lit("vendor_billed")).otherwise(pl.lit("agreement"))
    bases = products.join(metering, on="product_code", how="left").select(
        "product_code", basis=pl.col("basis").fill_null(backed)
    )
    keys = _billed(workspace, clients, skus)
    for leg in (_counted(workspace, clients, skus), _agreed(workspace), _invoiced(workspace)):
        keys = keys.join(leg, on=KEY, how="full", coalesce=True)
    expected = pl.when(pl.col("basis") == "agreement").then("agreed_unit_days").otherwise("billed_unit_days")
    keys = keys.with_columns(pl.selectors.numeric().fill_null(0)).join(bases, on="product_code")
    answer = keys.with_columns(missing_unit_days=expected - pl.col("invoiced_unit_days")).drop("basis")
    (workspace / "opponents").mkdir(exist_ok=True)
    answer.collect().write_parquet(workspace / "opponents" / "polars.parquet")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.opponents.by_polars")
    parser.add_argument("workspace", type=Path)
    main(parser.parse_args().workspace)
