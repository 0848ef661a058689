"""Identifiers of persons in a text: found by position, pattern and checksum, and replaced by surrogates."""
