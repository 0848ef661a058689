"""MedCAT: a concept database with names and codes."""
