"""What every synthesis is held against."""
