"""How many texts the property tests try, and whether each time others."""

import os

from hypothesis import settings

# Zero: each build tries the same texts, so that a failure is the change's own.
EXAMPLES = int(os.environ.get("HCTAP_TEST_EXAMPLES", "0"))


def settle() -> None:
    """Load the profile of Hypothesis for this session."""
    settings.register_profile("build", derandomize=True, database=None, deadline=None)
    settings.register_profile("search", max_examples=EXAMPLES or 100, database=None, deadline=None)
    settings.load_profile("search" if EXAMPLES else "build")
