"""The vocabulary: terms from libraries that ship free word lists, and curated rows that a clinician can review."""
