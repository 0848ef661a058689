"""Extractors that send text to a service of AWS; nothing here is loaded unless it is asked for and allowed."""
