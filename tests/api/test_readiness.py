"""How the checks are asked: together, each within its time."""

import asyncio
import time

from hctap_api.readiness import Dependency, check_readiness
from hctap_core.errors import MigrationNeeded, StoreUnavailable


async def answer() -> None:
    await asyncio.sleep(0.01)


async def hang() -> None:
    await asyncio.sleep(60)


async def refuse() -> None:
    raise MigrationNeeded("at 10.0.0.1", remedy="Migrate.")


async def vanish() -> None:
    raise StoreUnavailable("at 10.0.0.1")


def test_one_that_hangs_does_not_hold_the_others() -> None:
    dependencies = {
        "good": Dependency(answer, "-"),
        "slow": Dependency(hang, "Wait."),
        "slower": Dependency(hang, "Wait longer."),
        "bad": Dependency(refuse, "-"),
        "gone": Dependency(vanish, "Find it."),
    }
    began = time.perf_counter()
    readiness = asyncio.run(check_readiness(dependencies, limit_seconds=0.2))
    assert time.perf_counter() - began < 2
    assert readiness.status == "not_ready"
    assert [(check.name, check.ok, check.remedy) for check in readiness.checks] == [
        ("good", True, None),
        ("slow", False, "Wait."),
        ("slower", False, "Wait longer."),
        ("bad", False, "Migrate."),
        ("gone", False, "Find it."),
    ]
    assert readiness.checks[0].duration_ms >= 10
    assert not any("10.0.0.1" in str(check.detail) for check in readiness.checks)


def test_ready_where_all_answer() -> None:
    assert asyncio.run(check_readiness({"good": Dependency(answer, "-")})).status == "ready"
