"""Mutation testing: small faults planted in the code that decides about money and the gate, to see whether the tests notice."""
