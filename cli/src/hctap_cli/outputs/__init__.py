"""What an extraction leaves in its folder: tables, and a report to look at."""
