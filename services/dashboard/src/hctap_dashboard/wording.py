"""Numbers, times and names as a person reads them."""

from datetime import UTC, datetime

from hctap_dashboard.markup import MISSING

_SPELLING = {
    "json": "JSON",
    "utf8": "UTF-8",
    "icd": "ICD",
    "prn": "as needed",
    "phi": "identifiers of persons",
    "mrn": "record number",
}
# What takes less is told as less: 0.00 would be said of what took no time.
_LEAST_MS = 0.01


def show_count(count: int) -> str:
    """A count with its thousands set apart: `4,966`."""
    return f"{count:,}"


def show_score(score: object) -> str:
    """A score between 0 and 1 in percent with one decimal; what is no number is a dash."""
    return f"{100 * score:.1f}" if isinstance(score, int | float) else MISSING


def show_bytes(size: int) -> str:
    """A size in its largest unit: `812 B`, `4.2 kB`, `1.3 MB`."""
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:  # noqa: PLR2004 - units are a thousand apart
            break
        value, unit = value / 1000, larger
    return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"


def show_milliseconds(duration_ms: float | None) -> str:
    """A duration with as many digits as say something: `0.84 ms`, `12.3 ms`, `1,240 ms`, or `<0.01 ms`."""
    if duration_ms is None:
        return MISSING
    return f"{_three_digits(duration_ms)} ms" if duration_ms >= _LEAST_MS else f"<{_LEAST_MS} ms"


def show_rate(per_second: float | None) -> str:
    """A rate with three digits."""
    return MISSING if per_second is None else _three_digits(per_second)


def show_moment(moment: datetime | None) -> str:
    """A time in UTC: `21 Nov 2026, 08:00 UTC`."""
    return MISSING if moment is None else f"{moment.astimezone(UTC):%d %b %Y, %H:%M} UTC".lstrip("0")


def show_day(moment: datetime | None) -> str:
    """A day in UTC: `21 Nov 2026`."""
    return MISSING if moment is None else f"{moment.astimezone(UTC):%d %b %Y}".lstrip("0")


def show_span(begun: datetime | None, ended: datetime | None) -> str:
    """How long something took: `0.8 s`, `12 s`, `3 min 20 s`, `1 h 5 min`."""
    if begun is None or ended is None:
        return MISSING
    return show_seconds((ended - begun).total_seconds())


def show_seconds(seconds: float) -> str:
    """A duration in its two largest units."""
    if seconds < 10:  # noqa: PLR2004 - a digit after the point still says something
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def show_age(moment: datetime | None, now: datetime) -> str:
    """How long ago something was, in its largest unit: `12 s`, `5 min`, `3 h`, `2 days`."""
    if moment is None:
        return MISSING
    seconds = max(0, int((now - moment).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return count_of(count, unit) if unit == "day" else f"{count} {unit}"
    return f"{seconds} s"


def show_name(name: str) -> str:
    """A constant as words: `PAST_MEDICAL_HISTORY` is `Past medical history`, `not_json` is `Not JSON`."""
    words = " ".join(_SPELLING.get(word, word) for word in name.lower().split("_"))
    return words[:1].upper() + words[1:]


def count_of(count: int, noun: str) -> str:
    """A count with its noun: `1 note`, `2,609 notes`, `3 entities`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def count_about(count: int, noun: str, *, is_exact: bool) -> str:
    """A count with its noun, or an estimate with the two digits that can be relied on: `About 2,600 notes`."""
    if is_exact:
        return count_of(count, noun)
    return f"About {count_of(round(count, 2 - len(str(count))), noun)}"


def _three_digits(value: float) -> str:
    if value < 10:  # noqa: PLR2004 - one digit before the point
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004 - two digits before the point
