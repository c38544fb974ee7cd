"""What developers run: row hashes, mutation, generators of reference pages."""
