"""Mutation testing of the Python that decides about money and the gate, by mutmut.

``python -m tools.mutation.python`` copies the project, hands mutmut the modules and tests of ``scope.toml``
(``workbench``), reads its results (``results``) and writes the page (``page``). mutmut skips decorated
functions; ``undecorated`` moves their bodies into functions without a decorator. Equivalent mutants are
explained in ``equivalents.toml``.
"""
