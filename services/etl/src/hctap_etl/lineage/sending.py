"""Events to where they are kept: into the lake, and to an OpenLineage server such as Marquez where one is set."""

import hashlib
from typing import Final

from openlineage.client.event_v2 import RunEvent
from openlineage.client.serde import Serde
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport
from openlineage.client.transport.transport import Transport

from hctap_etl.lineage.server import LineageServer
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import lineage_key
from hctap_stores.lake.lake import Lake

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


def transports_of(lake: Lake, server: LineageServer | None) -> list[Transport]:
    """Into the enriched bucket, and to the server if there is one."""
    transports: list[Transport] = [LakeTransport(lake.enriched)]
    if server is not None:
        config = HttpConfig(url=server.url, timeout=TIMEOUT_SECONDS, retry={"total": 2, "backoff_factor": 0.2})
        if server.api_key:
            config.auth = ApiKeyTokenProvider({"apiKey": server.api_key})
        transports.append(HttpTransport(config))
    return transports
