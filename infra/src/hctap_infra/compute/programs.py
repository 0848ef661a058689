"""What the three images run, and with which settings; a test holds this against the settings classes and the images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hctap_infra.environments import Environment
from hctap_infra.identity import Identity
from hctap_infra.network.ports import API_PORT, CACHE_PORT, DASHBOARD_PORT, DATABASE_PORT, WORKER_PORT

# Where a program may write while the rest of its file system cannot be written.
SCRATCH: Final = "/tmp"  # noqa: S108 - a folder of the container alone


@dataclass(frozen=True, slots=True)
class Program:
    """A container: its image, what it runs (None: what the image says), where it listens and is asked for health."""

    image: str
    command: tuple[str, ...] | None = None
    port: int | None = None
    health_path: str | None = None
    stop_seconds: int = 30
    is_reachable: bool = True


API: Final = Program("api", port=API_PORT, health_path="/health")
DASHBOARD: Final = Program("dashboard", port=DASHBOARD_PORT, health_path="/app/_stcore/health")
ETL: Final = Program("etl", command=("run", "--incremental"), stop_seconds=120)
WORKER: Final = Program(
    "etl", command=("worker",), port=WORKER_PORT, health_path="/health", stop_seconds=120, is_reachable=False
)
MIGRATION: Final = ("db", "upgrade")
# The keys of the secret that the dashboard signs people in with, by the settings that they are.
SIGN_IN_SECRETS: Final[Mapping[str, str]] = {
    "HCTAP_OIDC_CLIENT_SECRET": "client_secret",
    "HCTAP_DASHBOARD_COOKIE_SECRET": "cookie_secret",
}
# Where the API lays the notes that come in, and their originals; a test holds this against the keys of the lake.
API_CREATES: Final = ("notes/", "uploads/")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the stores are, as tokens of the deployment."""

    database_host: str
    raw_bucket: str
    enriched_bucket: str
    api_url: str = ""
    cache_host: str | None = None


def store_settings(environment: Environment, addresses: Addresses) -> Mapping[str, str]:
    """What every program with stores is told; libpq takes the password from PGPASSWORD, which is a secret."""
    name = environment.database.name
    return {
        "HCTAP_DATABASE_URL": f"postgresql://{name}@{addresses.database_host}:{DATABASE_PORT}/{name}?sslmode=require",
        "HCTAP_RAW_BUCKET": addresses.raw_bucket,
        "HCTAP_ENRICHED_BUCKET": addresses.enriched_bucket,
        "HCTAP_LOG_LEVEL": "INFO",
        "AWS_DEFAULT_REGION": environment.region,
    }


def api_settings(environment: Environment, addresses: Addresses) -> Mapping[str, str]:
    """The API's settings: the balancer keeps foreign hosts out and asks for health by address, so any host is right."""
    cache = f"rediss://{addresses.cache_host}:{CACHE_PORT}/0" if addresses.cache_host else None
    return {
        **store_settings(environment, addresses),
        **({"HCTAP_REDIS_URL": cache} if cache else {}),
        "HCTAP_API_HOST": "0.0.0.0",  # noqa: S104 - the container's own network
        "HCTAP_API_PORT": str(API_PORT),
        "HCTAP_API_OPEN": "0",
        "HCTAP_API_ALLOWED_HOSTS": "*",
        "HCTAP_API_TRUSTED_PROXIES": str(environment.network.cidr),
        "HCTAP_API_WORKERS": str(environment.api.engine_processes),
        "HCTAP_API_VITALS_SECONDS": "60",
        "HCTAP_FRESHNESS_MINUTES": str(environment.monitoring.freshness_minutes),
        **_api_identity(environment.identity),
    }


def _api_identity(identity: Identity | None) -> Mapping[str, str]:
    if identity is None:
        return {}
    return _said(
        HCTAP_OIDC_ISSUER=identity.issuer,
        HCTAP_OIDC_AUDIENCE=identity.audience,
        HCTAP_OIDC_JWKS_URL=identity.jwks_url,
        HCTAP_OIDC_ROLE_CLAIM=identity.role_claim,
        HCTAP_OIDC_ROLE_PREFIX=identity.role_prefix,
    )


def dashboard_settings(environment: Environment, addresses: Addresses) -> Mapping[str, str]:
    """The dashboard's settings; people sign in with keys of their own, or at the provider that knows it."""
    domain = environment.edge.domain
    return {
        **_said(HCTAP_DASHBOARD_URL=domain and f"https://{domain}"),
        **_dashboard_identity(environment.identity),
        "HCTAP_API_URL": addresses.api_url,
        "HCTAP_DASHBOARD_HOST": "0.0.0.0",  # noqa: S104 - the container's own network
        "HCTAP_DASHBOARD_PORT": str(DASHBOARD_PORT),
    }


def _dashboard_identity(identity: Identity | None) -> Mapping[str, str]:
    """What the dashboard is told of the provider, but for the secrets (`SIGN_IN_SECRETS`)."""
    if identity is None or identity.dashboard is None:
        return {}
    client = identity.dashboard
    return _said(
        HCTAP_OIDC_ISSUER=identity.issuer,
        HCTAP_OIDC_AUDIENCE=identity.audience,
        HCTAP_OIDC_CLIENT_ID=client.client_id,
        HCTAP_OIDC_SCOPES=client.scopes,
        HCTAP_OIDC_TOKEN=client.token,
    )


def _said(**settings: str | None) -> Mapping[str, str]:
    """Those that the environment's file names; of the others the program knows what they are."""
    return {name: value for name, value in settings.items() if value}


def etl_settings(environment: Environment, addresses: Addresses) -> Mapping[str, str]:
    """The batch job's settings."""
    return {
        **store_settings(environment, addresses),
        "HCTAP_FRESHNESS_MINUTES": str(environment.monitoring.freshness_minutes),
    }


def worker_settings(environment: Environment, addresses: Addresses) -> Mapping[str, str]:
    """The workers' settings: the job's, and where they say whether they are well."""
    return {**etl_settings(environment, addresses), "HCTAP_WORKER_PORT": str(WORKER_PORT)}
