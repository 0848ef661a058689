"""What the commands of the rehearsal inherit from the environment."""

import os


def read_environ() -> dict[str, str]:
    """The environment without anything of AWS, so that no account of one's own is ever reached."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
