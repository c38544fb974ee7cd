"""A workspace whose home is an object store, and this machine's folder as its mirror."""
