"""Telling people what they can act on: causes, messages in an outbox, and channels (contract §11).

What belongs here: which causes there are (``causes``), when one is told (``lifecycle``), the outbox that
survives a crash (``outbox``, ``delivery``), the ways to send (``channels``), and what only the clock shows
(``watch``, ``run_records``). What does not: finding out what failed; each step says so itself.
"""
