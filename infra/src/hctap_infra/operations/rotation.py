"""New passwords now: what the calendar does by itself, asked for and waited for."""

import time
from collections.abc import Callable, Iterator

from hctap_core.errors import StoreUnavailable
from hctap_infra.operations.account import Account

POLL_SECONDS = 10.0


def rotate(
    account: Account, *, limit_seconds: float = 1200, sleep: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """Have database and cache get new passwords and services new tasks; says each step when it is done.

    Open connections to PostgreSQL outlive a change of password, and the cache takes old and new token at once, so
    tasks work on until the new ones are there.

    Raises:
        StoreUnavailable: If a rotation is not done in time; the function's log says why.
    """
    environment = account.environment
    manager = account.client("secretsmanager")
    for part in ("database", *(["cache"] if environment.cache.is_on else [])):
        secret = f"{environment.project}/{environment.name}/{part}"
        version = manager.rotate_secret(SecretId=secret)["VersionId"]
        deadline = time.monotonic() + limit_seconds
        while "AWSCURRENT" not in manager.describe_secret(SecretId=secret)["VersionIdsToStages"].get(version, ()):
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"The password of the {part} is not rotated after {limit_seconds:g} s.",
                    remedy=f"Read the log group /aws/lambda/{environment.name_of('rotation')}.",
                )
            sleep(POLL_SECONDS)
        yield f"{part}: new password"
    ecs, cluster = account.client("ecs"), account.output("Cluster")
    services = [account.output(f"{one}Service") for one in ("Api", "Worker")]
    ecs.get_waiter("services_stable").wait(cluster=cluster, services=services)
    yield f"{len(services)} services: new tasks"
