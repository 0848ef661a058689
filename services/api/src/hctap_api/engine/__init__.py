"""The language engine in processes of its own."""
