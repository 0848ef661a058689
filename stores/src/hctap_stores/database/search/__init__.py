"""Searching among what runs found."""
