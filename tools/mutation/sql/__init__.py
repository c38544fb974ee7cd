"""Mutation testing of the reconciliation's SQL: ``python -m tools.mutation.sql --jobs 1 [--model NAME
...]``.

Breaks every model of the reconciliation in every way of ``operators``, one at a time, and looks whether a
test notices: first the months that the world tests hold against the oracle (``month``), then dbt's data
tests on those months, then dbt's unit tests of the model (``unit_tests``). What nobody can notice is
explained in ``equivalents.toml``.
"""
