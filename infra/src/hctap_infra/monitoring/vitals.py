"""What the API says of the platform once a minute, and under which names; CDK is not needed to read it."""

from typing import Final

VITALS_EVENT: Final = "vitals"
VITALS: Final = ("queue_depth", "queue_age_s", "freshness_minutes", "quarantined")
