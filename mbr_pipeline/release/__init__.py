"""What leaves the house of a closed month, and proving that it is what was closed (contract §9, §10, §13).

What belongs here: closed versions, exports, evidence and verifying. What does not: deciding
(``mbr_pipeline.decide``) and what is published while a month is open (``mbr_pipeline.publish``).
"""
