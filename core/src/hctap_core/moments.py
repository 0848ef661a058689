"""Points in time as text."""

from datetime import UTC, datetime


def moment_text(moment: datetime) -> str:
    """A moment in UTC as ISO 8601 has it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
