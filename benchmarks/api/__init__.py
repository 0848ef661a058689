"""How fast the API reads from a large database."""
