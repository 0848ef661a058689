"""medSpaCy: dictionary, ConText and sections in spaCy."""
