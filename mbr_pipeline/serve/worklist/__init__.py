"""The worklist of a month: its findings, and what people decide about them.

What belongs here: choosing and showing findings, and handing decisions over. What does not: which decision
fits what (``mbr_pipeline.decide``), and any figure: the month's tables have them.
"""
