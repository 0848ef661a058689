"""negspaCy: NegEx in spaCy."""
