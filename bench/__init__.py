"""The benchmark: a large generated workspace, a hand-written script to beat, and the runner that times both.

What belongs here: what is needed to state how fast and how frugal ``mbr run`` is against plain SQL over the
same files. Worlds with an answer key for correctness live under ``tests/``.
"""
