"""Schedules: runs that are ordered again and again, at the times that a cron expression names."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.orders import RunOrder

NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"


def _field(number: str) -> str:
    part = rf"(?:\*|{number}(?:-{number})?)(?:/[1-9][0-9]?)?"
    return f"{part}(?:,{part})*"


# Minute, hour, day of the month, month, day of the week; what fits here is one, although its time may never come.
CRON_PATTERN: Final = "^{}$".format(
    " ".join(
        map(
            _field,
            (
                "[0-5]?[0-9]",
                "(?:[01]?[0-9]|2[0-3])",
                "(?:0?[1-9]|[12][0-9]|3[01])",
                "(?:0?[1-9]|1[0-2])",
                "[0-7]",
            ),
        )
    )
)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScheduleOrder(_Record):
    """When which run shall be ordered; the times are UTC."""

    cron: str = Field(
        description="Minute, hour, day of the month, month, day of the week.",
        max_length=100,
        pattern=CRON_PATTERN,
        examples=["0 2 * * *"],
    )
    order: RunOrder = RunOrder(incremental=True)


class Schedule(ScheduleOrder):
    """A schedule: `next_at` is null where its time never comes, such as the 30th of February.

    While the run that it ordered last is queued or running, a time that comes is passed over.
    """

    name: str = Field(pattern=NAME_PATTERN)
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_run_id: str | None = None
    changed_by: str
    changed_at: datetime


class ScheduleList(_Record):
    """The schedules by their names."""

    schedules: tuple[Schedule, ...]
