"""What the user owns: paths, settings, rules and credentials of one workspace."""
