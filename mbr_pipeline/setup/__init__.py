"""From a folder of exports to a workspace: what each file is, which month it is for, and what only a person
knows (docs/how-to/set-up-from-exports.md).

What belongs here: recognising files, putting questions and answers together, and writing the workspace. What
does not: how one file is read (``profiling``), landing (``ingest``), asking on a terminal (``cli.setup``).
"""
