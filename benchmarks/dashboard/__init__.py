"""How soon the dashboard is there."""
