"""Events to where they are kept: into the lake, and to an OpenLineage server such as Marquez where one is set.

Lineage accompanies the work and never stops it: what cannot be delivered is named in the log.
"""

import hashlib
import logging
from collections.abc import Sequence
from typing import Final

from openlineage.client.event_v2 import RunEvent
from openlineage.client.serde import Serde
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport
from openlineage.client.transport.transport import Transport

from hctap_core.errors import PlatformError
from hctap_etl.lineage.server import LineageServer
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import lineage_key
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 5.0


class LakeTransport(Transport):
    """Events as objects of a bucket, each named by its job, its run and its content."""

    kind = "lake"

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def emit(self, event: RunEvent) -> None:  # type: ignore[override]
        """Write an event; the same event again changes nothing."""
        data = Serde.to_json(event).encode()
        kind = event.eventType.value.lower() if event.eventType else "other"
        key = lineage_key(event.job.name, event.run.runId, kind, hashlib.sha256(data).hexdigest())
        self._bucket.write(key, data, {"Content-Type": "application/json"})


class Lineage:
    """All transports together; with none, events go nowhere."""

    def __init__(self, transports: Sequence[Transport] = ()) -> None:
        self._transports = tuple(transports)

    def tell(self, event: RunEvent) -> None:
        """Send an event by every transport."""
        for transport in self._transports:
            try:
                transport.emit(event)
            except (PlatformError, OSError) as error:
                log.warning("lineage_not_sent", extra={"part": transport.kind, "error": type(error).__name__})


def open_lineage(lake: Lake, server: LineageServer | None) -> Lineage:
    """The lineage of a program: into the enriched bucket, and to the server if there is one."""
    transports: list[Transport] = [LakeTransport(lake.enriched)]
    if server is not None:
        config = HttpConfig(url=server.url, timeout=TIMEOUT_SECONDS, retry={"total": 2, "backoff_factor": 0.2})
        if server.api_key:
            config.auth = ApiKeyTokenProvider({"apiKey": server.api_key})
        transports.append(HttpTransport(config))
    return Lineage(transports)
