"""Whether the API can do its work: everything that it stands on is asked at once, each within a time limit."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from hctap_core.answers import Check, Readiness
from hctap_core.errors import PlatformError

log = logging.getLogger(__name__)

DEFAULT_LIMIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing that the API stands on: `ask` returns when it can be used and raises a PlatformError when not.

    Without one that is not needed the API does its work, if less well.
    """

    ask: Callable[[], Awaitable[None]]
    remedy: str
    is_needed: bool = True


async def check_readiness(
    dependencies: Mapping[str, Dependency], limit_seconds: float = DEFAULT_LIMIT_SECONDS
) -> Readiness:
    """The answer of every dependency, in the order of the mapping."""
    checks = await asyncio.gather(*(_check(name, one, limit_seconds) for name, one in dependencies.items()))
    failed = [name for name, check in zip(dependencies, checks, strict=True) if not check.ok]
    if any(dependencies[name].is_needed for name in failed):
        return Readiness(status="not_ready", checks=tuple(checks))
    return Readiness(status="degraded" if failed else "ready", checks=tuple(checks))


async def _check(name: str, dependency: Dependency, limit_seconds: float) -> Check:
    began = time.perf_counter()
    detail = remedy = None
    try:
        async with asyncio.timeout(limit_seconds):
            await dependency.ask()
    except TimeoutError:
        detail, remedy = f"{name} did not answer within {limit_seconds:g} s.", dependency.remedy
    except PlatformError as error:
        # The error's message names hosts and ports, which are the operator's to know: it goes to the log.
        detail, remedy = f"{name} cannot be used.", error.remedy or dependency.remedy
        log.warning("dependency_unusable", extra={"part": name, "error": f"{type(error).__name__}: {error.message}"})
    return Check(
        name=name,
        ok=detail is None,
        duration_ms=round((time.perf_counter() - began) * 1000, 1),
        detail=detail,
        remedy=remedy,
    )
