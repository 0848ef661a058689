"""Clinical text in, coded and attributed entities out."""
