"""Points in time: as text, and as callers may give them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator

# PostgreSQL takes no zone that is farther from UTC.
_MOST_OFFSET: Final = timedelta(hours=15)
# As far as it reads a moment.
_MOST_FROM_UTC: Final = timedelta(hours=16)
_DATED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITTEN: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})")


def moment_text(moment: datetime) -> str:
    """A moment in UTC as ISO 8601 has it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _check_written(value: object) -> object:
    is_written = isinstance(value, str) and _WRITTEN.fullmatch(value)
    if value is None or isinstance(value, datetime) or is_written:
        return value
    raise ValueError("A moment is written as RFC 3339 has it, with its zone: 2026-11-21T10:00:00Z.")


def _fit(moment: datetime) -> datetime:
    offset = moment.utcoffset()
    return moment if offset is None or abs(offset) < _MOST_OFFSET else _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This moment lies outside the years 1 to 9999.") from None


# A number would else be taken for seconds since 1970, and a time without a zone for that of the server.
Moment = Annotated[datetime, BeforeValidator(_check_written), AfterValidator(_fit)]


def _check_dated(value: object) -> object:
    if value is None or isinstance(value, datetime) or (isinstance(value, str) and _DATED.match(value)):
        return value
    raise ValueError("A date begins with its year, month and day: 2026-11-21.")


def _see_that_utc_has_it(moment: datetime | None) -> datetime | None:
    offset = None if moment is None else moment.utcoffset()
    if moment is not None and offset is not None:
        if abs(offset) >= _MOST_FROM_UTC:
            raise ValueError("This moment is 16 hours and more from UTC, which no place on earth is.")
        _in_utc(moment)
    return moment


# The moment of a note: a day alone will do. `20250422` would else be so many seconds since 1970.
DatedMoment = Annotated[datetime | None, BeforeValidator(_check_dated), AfterValidator(_see_that_utc_has_it)]
