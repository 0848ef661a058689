"""Where results come from: OpenLineage events, and the way of one entity back to its note."""
