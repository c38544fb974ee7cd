"""A secret whose appearance anywhere is a fault.

Belongs here: what the tests of the client share. Does not: expectations.
"""

from __future__ import annotations

CANARY = "canary/with+odd=signs"
