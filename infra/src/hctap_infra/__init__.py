"""HC-TAP on AWS: stacks that compose, one capability a module, every difference of environments in one file."""
