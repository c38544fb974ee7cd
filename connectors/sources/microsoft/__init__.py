"""Microsoft: Partner Center, Graph partner billing and Graph licences."""
