"""Distributors: who bills the MSP for other vendors' licences. One declaration per system."""
