"""The stack without Docker."""
