"""Invoices as accounting systems import them (contract §10, targets xero and quickbooks)."""
