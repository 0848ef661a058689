"""How a note asserts an entity: negated, uncertain, historical, hypothetical, of a relative."""
