"""What is done with a deployed environment."""
