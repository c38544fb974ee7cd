"""Help with mapping: which client or product an unmapped customer or SKU may be, and writing the row
that a person chose.

What belongs here: reading names (``text_folding``, ``company_names``, ``product_names``), comparing them
(``words``, ``match_clients``, ``match_products``), ranking (``suggest``), finding what a month left unmapped
(``worklist``) and adding one accepted row to a rule file (``accept``). What does not: applying rules, which
is SQL's part; and deciding: a suggestion is never a rule until a person accepts it. Everything but
``worklist`` and ``accept`` is pure: the same names give the same answer, in whatever order they come.
"""
