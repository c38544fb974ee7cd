"""The second engine: a month computed again, one record at a time, in exact fractions (contract §1 to §6).

What belongs here: the rules of the normative page again, in plain Python and without SQL, and comparing a
run's results with them. It is written from the page alone and shares no rule with the models: it takes only
file readers, folder names and errors from the rest of the project, so that the two agree only if both are
right. ``month`` computes a month, ``reading`` reads its inputs, ``verify`` compares. Words over its figures
are ``mbr_pipeline.explain``. Decisions of people are not modelled.
"""
