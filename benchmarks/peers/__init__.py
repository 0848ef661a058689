"""A folder for each peer: what it needs, and the program that speaks for it."""
