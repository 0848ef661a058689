"""What a command shows at its end, made to be read."""
