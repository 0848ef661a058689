"""The composition of the API: settings in, application out."""

import asyncio

from fastapi import FastAPI

from hctap_api.addresses import read_networks
from hctap_api.application import Parts, assemble
from hctap_api.engine.workers import Workers
from hctap_api.exposure import announce_openness, decide_openness
from hctap_api.readiness import Dependency
from hctap_api.routes.old import OldSettings
from hctap_api.sessions import Sessions
from hctap_api.settings import Settings, read_settings
from hctap_api.tokens import Provider
from hctap_core.errors import SettingsInvalid
from hctap_stores.cache.connection import Cache
from hctap_stores.database.pool import Pool
from hctap_stores.database.reading import check
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.lake import Lake

_START_REDIS = "Start the stack with `make up`, or set HCTAP_REDIS_URL."


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application of these settings, of the environment's by default; nothing is connected until it runs.

    The worker processes are started here, before there is an event loop.
    """
    settings = settings or read_settings()
    is_open = decide_openness(settings.api_host, is_open=settings.api_open)
    if is_open:
        announce_openness(settings.api_host)
    pool = Pool(settings.database_url, size=settings.database_connections)
    # Without Redis limits are counted in this process alone, which is right where one process serves.
    cache = Cache(settings.redis_url, settings.redis_password) if settings.redis_url else None
    lake = Lake(_lake_address(settings), patient=False)
    workers = Workers(settings.api_workers, settings.vocabulary_folder, settings.terms_folder)
    redis = {"redis": Dependency(cache.ping, _START_REDIS, is_needed=False)} if cache else {}
    dependencies = {
        "database": Dependency(lambda: check(pool), "Start the stack with `make up`, or set HCTAP_DATABASE_URL."),
        **redis,
        # boto3 knows no event loop.
        "s3": Dependency(
            lambda: asyncio.to_thread(lake.check), "Start the stack with `make up`, or set AWS_ENDPOINT_URL."
        ),
    }
    if settings.api_workers:
        dependencies["engine"] = Dependency(
            workers.ping, "Wait until the engine is loaded; its log says what it lacks."
        )
    app = assemble(
        Parts(
            pool=pool,
            sessions=Sessions(settings.database_url),
            lake=lake,
            workers=workers,
            dependencies=dependencies,
            allowed_hosts=(*settings.api_allowed_hosts, settings.api_host),
            ready_limit_seconds=settings.ready_limit_seconds,
            freshness_minutes=settings.freshness_minutes,
            vitals_seconds=settings.api_vitals_seconds,
            cache=cache,
            requests_per_minute=settings.api_requests_per_minute,
            old=OldSettings(settings.raw_bucket, settings.enriched_bucket) if settings.api_old_paths else None,
            is_open=is_open,
            is_read_only=settings.api_read_only,
            trusted_proxies=read_networks(settings.api_trusted_proxies),
            cors_origins=settings.api_cors_origins,
            provider=_provider(settings),
            metrics_folder=settings.metrics_folder,
            max_body_bytes=settings.api_max_body_bytes,
            close=(*((cache.close,) if cache else ()), workers.close),
        )
    )
    workers.start()
    return app


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    if not settings.oidc_audience:
        raise SettingsInvalid(
            "HCTAP_OIDC_AUDIENCE is not set.", remedy="Name the audience that tokens for this API have, or no issuer."
        )
    return Provider(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        jwks_url=settings.oidc_jwks_url,
        role_claim=settings.oidc_role_claim,
        role_prefix=settings.oidc_role_prefix,
    )


def _lake_address(settings: Settings) -> LakeAddress:
    return LakeAddress(
        raw_bucket=settings.raw_bucket,
        enriched_bucket=settings.enriched_bucket,
        endpoint_url=settings.s3_endpoint,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key,
        session_token=settings.s3_session_token,
    )
