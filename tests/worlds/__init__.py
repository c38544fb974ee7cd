"""Small worlds for whole-system tests: what lands in a workspace, and an independent answer to compare
with.
"""
