"""The HC-TAP batch job and its command line."""
