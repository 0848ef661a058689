"""The stacks: they compose and define nothing."""
