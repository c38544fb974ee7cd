"""Asks dbt to build a month, and knows the compiled project."""
