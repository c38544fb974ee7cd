"""How requests are signed: credentials as they are, and tokens that are asked for."""
