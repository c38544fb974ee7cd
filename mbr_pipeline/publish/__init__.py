"""Version folders, the catalogue over them, and opening it for reading."""
