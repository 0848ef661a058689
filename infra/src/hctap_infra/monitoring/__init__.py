"""What is written down, measured, and told."""
