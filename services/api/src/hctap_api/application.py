"""The API put together from its parts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig

from hctap_api.addresses import Network
from hctap_api.bodies import MAX_BODY_BYTES, BodyLimits
from hctap_api.compression import Compression
from hctap_api.contract import describe
from hctap_api.engine.workers import Workers
from hctap_api.envelope import Envelope
from hctap_api.errors import install_error_handlers
from hctap_api.freshness import Freshness
from hctap_api.gate import Gate
from hctap_api.indexing import keep_index
from hctap_api.limits import RateLimiter
from hctap_api.metrics import Metrics
from hctap_api.readiness import Dependency
from hctap_api.remembering import Memory
from hctap_api.routes.audit import make_audit_router
from hctap_api.routes.comprehend import make_comprehend_router
from hctap_api.routes.deletions import make_deletions_router
from hctap_api.routes.entities import make_entities_router
from hctap_api.routes.evaluations import make_evaluations_router
from hctap_api.routes.exports import make_exports_router
from hctap_api.routes.extract import make_direct_extract, make_extract_router
from hctap_api.routes.fhir import make_fhir_router
from hctap_api.routes.health import DISTRIBUTION, make_health_router
from hctap_api.routes.identity import make_identity_router
from hctap_api.routes.judging import make_judging_router
from hctap_api.routes.metrics import make_metrics_router
from hctap_api.routes.note_searches import make_note_searches_router
from hctap_api.routes.notes import make_direct_note, make_notes_router
from hctap_api.routes.old import OldSettings, make_old_router
from hctap_api.routes.orders import make_orders_router
from hctap_api.routes.progress import make_progress_router
from hctap_api.routes.reviews import make_reviews_router
from hctap_api.routes.runs import make_runs_router
from hctap_api.routes.schedules import make_schedules_router
from hctap_api.routes.statistics import make_statistics_router
from hctap_api.routes.uploads import make_uploads_router
from hctap_api.routes.vocabulary import make_vocabulary_router
from hctap_api.sessions import Sessions
from hctap_api.tokens import Provider, TokenReader
from hctap_api.trusted_hosts import TrustedHosts
from hctap_api.vitals import tell_vitals
from hctap_stores.cache.connection import Cache
from hctap_stores.database.auditing import AuditLog
from hctap_stores.database.note_documents import NoteReader
from hctap_stores.database.pool import Pool
from hctap_stores.lake.lake import Lake

# FastAPI's own telemetry would pass on query strings and the messages of exceptions to whatever exporter is set up.
NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API stands on; the pool is opened with it, and what is in `close` is called after the pool's end."""

    pool: Pool
    sessions: Sessions
    lake: Lake
    workers: Workers
    dependencies: Mapping[str, Dependency]
    allowed_hosts: Collection[str]
    ready_limit_seconds: float
    freshness_minutes: float = 120
    cache: Cache | None = None
    requests_per_minute: int = 0
    old: OldSettings | None = None
    is_open: bool = False
    is_read_only: bool = False
    trusted_proxies: Sequence[Network] = ()
    cors_origins: Collection[str] = ()
    provider: Provider | None = None
    metrics_folder: Path | None = None
    max_body_bytes: int = MAX_BODY_BYTES
    vitals_seconds: float = 0
    close: Sequence[Callable[[], Awaitable[None]]] = ()


def assemble(parts: Parts) -> FastAPI:
    """The application; it starts with the stores away, and says so until they come."""

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        await parts.pool.open()
        await parts.workers.open()
        every = parts.vitals_seconds
        tasks = [asyncio.create_task(keep_index(parts.pool))]
        if every:
            tasks.append(asyncio.create_task(tell_vitals(parts.pool, every)))
        yield
        for task in tasks:
            task.cancel()
        await parts.pool.close()
        for close in parts.close:
            await close()

    gate = Gate(
        parts.pool,
        AuditLog(parts.pool),
        RateLimiter(parts.cache, parts.requests_per_minute),
        is_open=parts.is_open,
        is_read_only=parts.is_read_only,
        trusted_proxies=parts.trusted_proxies,
        tokens=None if parts.provider is None else TokenReader(parts.provider),
    )
    metrics = Metrics(parts.metrics_folder)
    # No pages of docs: they would load their scripts from a foreign network. /openapi.json is there for any tool.
    app = FastAPI(
        title="HC-TAP API",
        version=version(DISTRIBUTION),
        lifespan=run,
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    reader = NoteReader(parts.pool)
    app.router.routes += [make_direct_note(reader, gate), make_direct_extract(parts.workers, gate)]
    # Routes are tried one after the other: those that are asked for most come first.
    app.include_router(make_entities_router(parts.pool, gate))
    app.include_router(make_extract_router(parts.workers, gate))
    app.include_router(make_health_router(parts.dependencies, parts.ready_limit_seconds))
    app.include_router(make_note_searches_router(parts.pool, gate))
    app.include_router(make_notes_router(parts.pool, reader, gate))
    app.include_router(make_fhir_router(parts.sessions, gate))
    app.include_router(make_deletions_router(parts.sessions, gate))
    app.include_router(make_uploads_router(parts.sessions, parts.lake, parts.workers, gate))
    app.include_router(make_runs_router(parts.pool, gate, Memory(parts.cache, metrics)))
    app.include_router(make_orders_router(parts.sessions, gate))
    app.include_router(make_schedules_router(parts.sessions, gate))
    app.include_router(make_statistics_router(parts.pool, parts.sessions, gate, parts.freshness_minutes))
    app.include_router(make_evaluations_router(parts.pool, parts.sessions, gate))
    app.include_router(make_reviews_router(parts.sessions, gate))
    app.include_router(make_judging_router(parts.sessions, gate))
    app.include_router(make_exports_router(parts.sessions, parts.lake, gate))
    app.include_router(make_progress_router(parts.pool, parts.lake, gate))
    app.include_router(make_vocabulary_router(parts.workers, gate))
    app.include_router(make_comprehend_router(parts.workers, gate))
    if parts.old is not None:
        app.include_router(make_old_router(parts.pool, parts.workers, gate, parts.old))
    app.include_router(make_metrics_router(parts.pool, parts.workers, metrics, gate))
    app.include_router(make_audit_router(parts.pool, gate))
    app.include_router(make_identity_router(gate))
    install_error_handlers(app)
    app.add_middleware(Freshness)
    app.add_middleware(BodyLimits, max_bytes=parts.max_body_bytes)
    if parts.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(parts.cors_origins),
            allow_methods=["DELETE", "GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-API-Key", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"],
        )
    app.add_middleware(Compression)
    app.add_middleware(TrustedHosts, hosts=parts.allowed_hosts)
    app.add_middleware(Envelope, metrics=metrics)
    describe(app)
    return app
