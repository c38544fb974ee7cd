"""The worked example of the how-to "Add a source": a distributor that does not exist. The page shows these
files as they are.
"""
