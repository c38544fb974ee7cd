"""Makes workspaces: empty ones, the demo, and generated worlds with an answer key."""
