"""MBR: lands, reconciles, gates and publishes one MSP's month.

What belongs here: the stores (landing, warehouse, publication), the settings and rules, and the command line.
What does not: reading vendors' systems and files (``connectors``), the transformation itself
(``dbt_project``), the audit's expectations (``expectations``).
"""
