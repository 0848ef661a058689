"""The typed HTTP client of the HC-TAP API."""
