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
SAMPLE = ("runs", "freshness")
STALE = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `ok` is None where it cannot be seen from here."""

    name: str
    ok: bool | None
    detail: str


def verify(account: Account, *, url: str | None, with_job: bool) -> Iterator[Check]:
    """Look at everything in turn; what cannot be reached from here is said, neither passed nor failed.

    Without an address of one's own (a tunnel into the network), an internal balancer is asked by nobody but AWS: that
    it finds its targets healthy means that it got a 200 from the API's /health and the dashboard's page.
    """
    yield _attempt("services are steady", lambda: _services_are_steady(account))
    for name in ("Api", "Dashboard"):
        yield _attempt(f"targets of {name.lower()} are healthy", partial(_targets_are_healthy, account, name))
    address = url or (account.output("Url") if account.environment.edge.is_reachable else None)
    for name, path in (("the API is ready", "/ready"), ("the dashboard answers", "/app/")):
        if address is None:
            yield Check(name, None, "the balancer is internal; from inside the network give --url")
        else:
            yield _attempt(name, partial(_answers, account, f"{address}{path}"))
    if with_job:
        yield _attempt("the job reaches database and lake", lambda: _job_runs(account))
    yield _attempt("no alarm rings", lambda: _alarms_are_quiet(account))


def _attempt(name: str, look: Callable[[], tuple[bool | None, str]]) -> Check:
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
    elb = account.client("elbv2")
    states = [
        one["TargetHealth"]["State"]
        # With blue/green there are two groups, of which one answers.
        for group in account.output(f"{name}Targets").split(",")
        for one in elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    ]
    well = states.count("healthy")
    # One that is draining belongs to the old deployment.
    return well > 0 and set(states) <= {"healthy", "draining"}, f"{well} of {len(states)} healthy"


def _answers(account: Account, address: str) -> tuple[bool | None, str]:
    if not address.startswith(("http://", "https://")):
        return False, f"{address!r} is no address"
    try:
        with urllib.request.urlopen(address, timeout=ASK_SECONDS) as answer:  # noqa: S310 - the scheme was checked
            return answer.status == HTTPStatus.OK, f"{answer.status} from {address}"
    except urllib.error.HTTPError as error:
        return False, f"{error.code} from {address}"
    except urllib.error.URLError as error:
        # The balancer itself answers even when no target does; silence is its security group.
        if isinstance(error.reason, TimeoutError) and not account.environment.edge.is_for_everybody:
            return None, "this machine is not among those whom edge.allow lets in"
        raise


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
