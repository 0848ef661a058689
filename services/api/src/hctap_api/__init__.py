"""The HC-TAP API."""
