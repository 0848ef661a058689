"""A user's own rows: terms, abbreviations, cues and exclusions in YAML files, live without a rebuild."""
