"""What each canonical column is made of: proposed from what the rows show, or asked."""
