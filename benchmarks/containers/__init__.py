"""The stack in containers, measured: sizes of its images, and when it is up."""
