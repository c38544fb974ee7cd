"""What crashes and time leave in a workspace: finding it and mending it."""
