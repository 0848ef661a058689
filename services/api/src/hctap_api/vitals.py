"""How the platform does, said in the log every so often, so that whoever reads logs can count and be alarmed."""

import asyncio
import logging

from hctap_core.errors import PlatformError
from hctap_stores.database.gauges import Gauges, read_gauges
from hctap_stores.database.pool import Pool

log = logging.getLogger(__name__)


async def tell_vitals(pool: Pool, every_seconds: float) -> None:
    """Log queue, freshness and quarantine until cancelled; a database that is away is passed over in silence."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            gauges = await read_gauges(pool)
        except PlatformError:
            # Readiness says so already, and silence about freshness is an alarm of its own.
            continue
        log.info("vitals", extra=_fields(gauges))


def _fields(gauges: Gauges) -> dict[str, float]:
    fields = {
        "queue_depth": gauges.jobs_waiting + gauges.jobs_running,
        "queue_age_s": round(gauges.oldest_job_seconds or 0.0, 1),
        "quarantined": gauges.quarantined,
    }
    if gauges.run_age_seconds is not None:
        fields["freshness_minutes"] = round(gauges.run_age_seconds / 60, 1)
    return fields
