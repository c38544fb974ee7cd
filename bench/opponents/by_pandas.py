"""The question of ``bench.opponents`` in pandas: ``python -m bench.opponents.by_pandas WORKSPACE``.

What belongs here: what an analyst who knows pandas writes: every column read with its type, merges, groups.
Quantities and money are binary floating point, as pandas has them. The answer is
``opponents/pandas.parquet``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

START, END = pd.Timestamp("2026-06-01"), pd.Timestamp("2026-07-01")
KEY = ["client_id", "product_code"]
UNLIKE = ["line_id", "invoice_id", "vendor_customer_name", "sku_name"]
"""In what a repeated charge may differ from the first."""


def _landed(workspace: Path, dataset: str, dates: list[str]) -> pd.DataFrame:
    parts = []
    for path in sorted((workspace / "landing" / "bench" / "2026-06").glob(f"*/{dataset}.csv")):
        part = pd.read_csv(path, parse_dates=dates, date_format="%Y-%m-%d")
        parts.append(part.assign(source=path.parent.name))
    return pd.concat(parts, ignore_index=True)


def _rules(workspace: Path, name: str, dates: list[str]) -> pd.DataFrame:
    path = workspace / "rules" / "bench" / f"{name}.csv"
    return pd.read_csv(path, parse_dates=dates, date_format="%Y-%m-%d")


def _days(starts: pd.Series, ends: pd.Series) -> pd.Series:
    shared = ends.fillna(END).clip(upper=END) - starts.clip(lower=START)
    return shared.dt.days.clip(lower=0)


def _mapped(lines: pd.DataFrame, rules: pd.DataFrame, on: list[str], day: str) -> pd.DataFrame:
    """Join each line with the rule that holds on its day; lines without one are left out."""
    joined = lines.merge(rules, on=on, how="inner")
    since = joined["valid_from"].isna() | (joined[day] >= joined["valid_from"])
    until = joined["valid_to"].isna() | (joined[day] < joined["valid_to"])
    return joined[since & until].drop(columns=["valid_from", "valid_to"])


def _billed(workspace: Path, clients: pd.DataFrame, skus: pd.DataFrame) -> pd.DataFrame:
    dates = ["charge_period_start", "charge_period_end"]
    lines = _landed(workspace, "vendor_charges", dates)
    # a charge that is repeated under another number counts once
    lines = lines.drop_duplicates(lines.columns.difference(UNLIKE))
    lines["days"] = _days(lines["charge_period_start"], lines["charge_period_end"])
    lines = lines[(lines["charge_category"] == "recurring") & (lines["days"] > 0)]
    lines = lines.assign(mapped_on=lines["charge_period_start"].clip(lower=START))
    lines["line"] = range(len(lines))
    lines = _mapped(lines, clients, ["source", "vendor_customer_id"], "mapped_on")
    exact = _mapped(lines, skus[skus["term"].notna()], ["source", "sku_id", "term"], "mapped_on")
    others = lines[~lines["line"].isin(exact["line"])]
    blank = skus[skus["term"].isna()].drop(columns="term")
    lines = pd.concat([exact, _mapped(others, blank, ["source", "sku_id"], "mapped_on")])
    lines["billed_unit_days"] = lines["quantity"] * lines["units_per"] * lines["days"]
    summed = lines.groupby(KEY)[["billed_unit_days", "amount"]].sum()
    return summed.rename(columns={"amount": "billed_amount"})


def _counted(workspace: Path, clients: pd.DataFrame, skus: pd.DataFrame) -> pd.DataFrame:
    counts = _landed(workspace, "license_counts", ["as_of_date"])
    counts = _mapped(counts, clients, ["source", "vendor_customer_id"], "as_of_date")
    blank = skus[skus["term"].isna()].drop(columns="term")
    counts = _mapped(counts, blank, ["source", "sku_id"], "as_of_date")
    return counts.groupby(KEY)[["entitled_quantity"]].sum().set_axis(["counted_quantity"], axis=1)


def _agreed(workspace: Path) -> pd.DataFrame:
    dates = ["effective_start", "effective_end"]
    lines = _landed(workspace, "agreements", dates)
    lines["agreed_unit_days"] = lines["quantity"] * _days(lines["effective_start"], lines["effective_end"])
    return lines.groupby(KEY)[["agreed_unit_days"]].sum()


def _invoiced(workspace: Path) -> pd.DataFrame:
    dates = ["service_period_start", "service_period_end"]
    lines = _landed(workspace, "invoice_lines", dates)
    lines = lines[lines["charge_category"] == "recurring"]
    days = _days(lines["service_period_start"], lines["service_period_end"])
    lines = lines.assign(invoiced_unit_days=lines["quantity"] * days)
    summed = lines.groupby(KEY)[["invoiced_unit_days", "amount"]].sum()
    return summed.rename(columns={"amount": "invoiced_amount"})


def main(workspace: Path) -> None:
    """Answer the question and write it."""
    clients = _rules(workspace, "client_map", ["valid_from", "valid_to"])
    skus = _rules(workspace, "sku_map", ["valid_from", "valid_to"])
    products = pd.read_csv(workspace / "landing/bench/2026-06/connectwise/products.csv")
    metering = _rules(workspace, "metering", [])
    bases = products.merge(metering, on="product_code", how="left")
    backed = bases["vendor_backed"].map({True: "vendor_billed", False: "agreement"})
    bases["basis"] = bases["basis"].fillna(backed)
    keys = pd.concat(
        [
            _billed(workspace, clients, skus),
            _counted(workspace, clients, skus),
            _agreed(workspace),
            _invoiced(workspace),
        ],
        axis=1,
    ).fillna(0)
    keys = keys.reset_index().merge(bases[["product_code", "basis"]], on="product_code")
    expected = keys["billed_unit_days"].where(keys["basis"] != "agreement", keys["agreed_unit_days"])
    keys["missing_unit_days"] = expected - keys["invoiced_unit_days"]
    (workspace / "opponents").mkdir(exist_ok=True)
    keys.drop(columns="basis").to_parquet(workspace / "opponents" / "pandas.parquet", index=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.opponents.by_pandas")
    parser.add_argument("workspace", type=Path)
    main(parser.parse_args().workspace)
