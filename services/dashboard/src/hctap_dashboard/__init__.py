"""The HC-TAP dashboard."""
