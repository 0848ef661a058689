"""Whether what was deployed works: services steady, targets well, API ready, dashboard there, alarms quiet."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from botocore.exceptions import ClientError

from hctap_infra.operations.account import Account
from hctap_infra.operations.tasks import run_task

ASK_SECONDS = 10
STEADY = {"Delay": 15, "MaxAttempts": 60}
SAMPLE = ("runs", "freshness")
STALE = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def verify(account: Account, *, url: str | None, with_job: bool) -> Iterator[Check]:
    """Look at everything in turn; what cannot be reached from here is said, not passed."""
    yield _attempt("services are steady", lambda: _services_are_steady(account))
    for name in ("Api", "Dashboard"):
        yield _attempt(f"targets of {name.lower()} are healthy", partial(_targets_are_healthy, account, name))
    address = url or account.output("Url")
    yield _attempt("the API is ready", lambda: _answers(f"{address}/ready"))
    yield _attempt("the dashboard answers", lambda: _answers(f"{address}/app/"))
    if with_job:
        yield _attempt("the job reaches database and lake", lambda: _job_runs(account))
    yield _attempt("no alarm rings", lambda: _alarms_are_quiet(account))


def _attempt(name: str, look: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, detail = look()
    except (ClientError, OSError) as error:
        return Check(name, ok=False, detail=f"{type(error).__name__}: {error}")
    return Check(name, ok, detail)


def _services_are_steady(account: Account) -> tuple[bool, str]:
    ecs, cluster = account.client("ecs"), account.output("Cluster")
    names = [account.output(f"{one}Service") for one in ("Api", "Dashboard", "Worker")]
    described = ecs.describe_services(cluster=cluster, services=names)["services"]
    wanting = [
        f"{one['serviceName']}: {one['runningCount']} of {one['desiredCount']}, {len(one['deployments'])} deployments"
        for one in described
        if one["runningCount"] != one["desiredCount"] or len(one["deployments"]) != 1
    ]
    return not wanting and len(described) == len(names), "; ".join(wanting) or f"{len(described)} services"


def _targets_are_healthy(account: Account, name: str) -> tuple[bool, str]:
    health = account.client("elbv2").describe_target_health(TargetGroupArn=account.output(f"{name}Targets"))
    states = [one["TargetHealth"]["State"] for one in health["TargetHealthDescriptions"]]
    well = states.count("healthy")
    # One that is draining belongs to the old deployment.
    return well > 0 and set(states) <= {"healthy", "draining"}, f"{well} of {len(states)} healthy"


def _answers(address: str) -> tuple[bool, str]:
    if not address.startswith(("http://", "https://")):
        return False, f"{address!r} is no address"
    try:
        with urllib.request.urlopen(address, timeout=ASK_SECONDS) as answer:  # noqa: S310 - the scheme was checked
            return answer.status == HTTPStatus.OK, f"{answer.status} from {address}"
    except urllib.error.HTTPError as error:
        return False, f"{error.code} from {address}"


def _job_runs(account: Account) -> tuple[bool, str]:
    outcome = run_task(account, SAMPLE, limit_seconds=900)
    # Old results, or none, are no fault of the deployment.
    return outcome.exit_code in {0, STALE}, f"exit code {outcome.exit_code} {outcome.reason}".strip()


def _alarms_are_quiet(account: Account) -> tuple[bool, str]:
    prefix = account.environment.name_of("")
    found = account.client("cloudwatch").describe_alarms(AlarmNamePrefix=prefix)
    alarms = [*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ())]
    ringing = [one["AlarmName"] for one in alarms if one["StateValue"] == "ALARM"]
    return not ringing, ", ".join(ringing) or f"{len(alarms)} alarms"
