"""Generates workspaces with a known answer key, from a seed and the contract alone.

``make_world`` writes a clean, rich world in which nothing may be found, and injects any exception or control
code together with the answer that must then be given. It imports nothing of the project under test, so the
two can disagree.
"""

from __future__ import annotations

from mbr_pipeline.scaffold.world.make import EXCEPTION_CODES, INJECTABLE, make_workspace, make_world
from mbr_pipeline.scaffold.world.model import Answer, Injection, World

__all__ = ["EXCEPTION_CODES", "INJECTABLE", "Answer", "Injection", "World", "make_workspace", "make_world"]
