"""PSA systems: clients, catalogue, agreements and client invoices of the MSP. One declaration per system."""
