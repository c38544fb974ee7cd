"""A last look at a proposal: what the columns that it does not use say against it.

What belongs here: reasons to ask although every canonical column has an answer. What does not: choosing
columns (``columns``). A doubt never chooses silently: it turns an answer into a question that keeps the
answer among its options, and only where the rows do not clear it up.
"""
