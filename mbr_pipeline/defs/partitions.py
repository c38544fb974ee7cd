"""The partition dimensions: MSP by month."""

from __future__ import annotations

import dagster as dg

MSPS = dg.DynamicPartitionsDefinition(name="msp")


def partition_key(msp_id: str, period: str) -> dg.MultiPartitionKey:
    """Return the partition key of an MSP's month."""
    return dg.MultiPartitionKey({"msp": msp_id, "period": period})
