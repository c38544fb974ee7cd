"""How good mapping suggestions are: a labelled set of invented companies and products, and the results of
asking about them.

What belongs here: the lists, the noise that corrupts names, the figures. Nothing here knows how suggestions
are made: ``companies``, ``products`` and ``noise`` import nothing of the project, and ``measure`` asks it
as the command does.

Two parts, ``dev`` and ``test``, share no seed and as few words as possible: every list is cut in two and each
part has its own half. Thresholds and word lists of the product were chosen while looking at dev; test was
generated with them fixed, to be reported.
"""
