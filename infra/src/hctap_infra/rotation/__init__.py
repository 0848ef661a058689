"""New passwords by the calendar: what Secrets Manager calls, and the function that holds it."""
