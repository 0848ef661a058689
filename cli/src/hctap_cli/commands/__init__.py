"""The commands, one module each; heavy imports wait until a command runs."""
