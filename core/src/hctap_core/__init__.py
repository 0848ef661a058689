"""The words of the HC-TAP domain."""
