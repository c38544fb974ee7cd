"""Writes each provider's rule files: who is who, what is what, how it is metered, what it should cost.

What belongs here: the four tables of contract §2, derived from the catalogue so that nothing is mapped by
accident. What does not: the gaps in them on purpose, which are services and rows in ``mistakes_*``.
"""

from __future__ import annotations

from mbr_pipeline.scaffold.demo.encode import Table, Value, table_of
from mbr_pipeline.scaffold.demo.identifiers import vendor_customer_id
from mbr_pipeline.scaffold.demo.model import PERIODS, Metering, Plant, Provider, first_day
from mbr_pipeline.scaffold.empty import rule_columns

_YEARLY_TERMS = ("Annual", "P1Y")


def rule_tables(provider: Provider, mistakes: tuple[Plant, ...]) -> dict[str, Table]:
    """Return a provider's rule tables by file name without suffix."""
    return {
        "client_map": _client_map(provider, mistakes),
        "sku_map": _sku_map(provider),
        "metering": table_of(Metering, provider.metering),
        "cost_list": _cost_list(provider),
    }


def _client_map(provider: Provider, mistakes: tuple[Plant, ...]) -> Table:
    clients = {client.client_id: client for client in provider.clients}
    subscribers = {("azure", use.client_id, "") for use in provider.cloud}
    for service in provider.services + tuple(s for plant in mistakes for s in plant.services):
        sku = provider.sku_for(service.product_code)
        if sku:
            subscribers.add((sku.source, service.client_id, service.site))
    rows: list[tuple[Value, ...]] = []
    for source, client_id, site in sorted(subscribers):
        client = clients[client_id]
        # A client that joins during the demo is mapped from its first month, not before.
        since = first_day(client.since) if client.since != PERIODS[0] else None
        rows.append((source, vendor_customer_id(source, client, site), client_id, since, None))
    return Table(rule_columns("client_map"), tuple(rows))


def _sku_map(provider: Provider) -> Table:
    rows: list[tuple[Value, ...]] = []
    for sku in provider.skus:
        # A blank term also matches seat counts, which have none; only the yearly commitment is told apart.
        term = sku.term if sku.term in _YEARLY_TERMS else None
        rows.append((sku.source, sku.sku_id, term, sku.product_code, str(sku.units_per), None, None))
    return Table(rule_columns("sku_map"), tuple(rows))


def _cost_list(provider: Provider) -> Table:
    rows: list[tuple[Value, ...]] = [
        (sku.source, sku.sku_id, None, sku.cost, provider.currency, first_day("2026-01"), None)
        for sku in provider.skus
        if sku.source in provider.listed and sku.term not in _YEARLY_TERMS
    ]
    return Table(rule_columns("cost_list"), tuple(rows))
