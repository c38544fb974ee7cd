"""The conformance kit: what every source must pass before anybody's money depends on it.

What belongs here: real HTTP servers on loopback that behave like a vendor (``vendors``), or worse
(``hostile``), and the suite that a source inherits (``conformance``). What does not: the tests themselves
(``tests/connectors``). Production code imports none of this.
"""
