"""The billing team's page: `mbr serve` (contract §12).

What belongs here: showing months and taking what people decide about them, in a browser. What does not: any
rule or figure: pages call the functions that the command line calls, and show what these return or refuse.
"""
