"""An MSP over its published months: margin, what changed it, and how months were closed.

What belongs here: choosing and drawing. What does not: any measure (``mbr_pipeline.report.trends``).
"""
