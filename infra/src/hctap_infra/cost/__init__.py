"""What an environment costs in a month."""
