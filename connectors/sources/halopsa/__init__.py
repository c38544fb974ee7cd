"""HaloPSA: clients, items, recurring invoices and invoices."""
