"""What is raised and why: the codes of both sides, their evidence, and the disposition of
each line (contract §5).
"""
