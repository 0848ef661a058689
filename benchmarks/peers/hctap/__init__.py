"""This project's engine, asked in the same way as its peers."""
