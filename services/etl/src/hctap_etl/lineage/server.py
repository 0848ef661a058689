"""The address of an OpenLineage server."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LineageServer:
    """An OpenLineage server that events are sent to as well."""

    url: str
    api_key: str | None = field(default=None, repr=False)
