"""What is drawn at random for worlds: books of nonsense, ids made by readers, decisions."""
