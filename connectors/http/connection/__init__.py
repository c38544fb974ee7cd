"""Connections to vendors: how they are made, and when they are cut."""
