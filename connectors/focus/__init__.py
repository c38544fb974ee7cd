"""FOCUS bills as canonical vendor charges."""
