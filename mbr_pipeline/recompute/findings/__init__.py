"""What is raised and why: the codes of both sides, their evidence, and what became of
each line (contract §5).
"""
