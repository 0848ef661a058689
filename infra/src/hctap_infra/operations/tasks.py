"""One-off runs of the job's task: migrations before a rollout, an ETL run on demand."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hctap_infra.operations.account import Account

CONTAINER: Final = "etl"
POLL_SECONDS: Final = 5.0
NEVER_STARTED: Final = 125


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended: its exit code, why it stopped, its id."""

    exit_code: int
    reason: str
    task_id: str


def run_task(
    account: Account, command: Sequence[str], *, limit_seconds: float, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """Run `hctap-etl` with a command in the cluster, and wait for its end; a limit passed counts as exit code 124."""
    ecs, cluster = account.client("ecs"), account.output("Cluster")
    started = ecs.run_task(cluster=cluster, taskDefinition=account.output("EtlFamily"), **_placing(account, command))
    if not started.get("tasks"):
        reasons = "; ".join(failure.get("reason", "?") for failure in started.get("failures", ()))
        return Outcome(NEVER_STARTED, reasons or "no task was started", "")
    arn = str(started["tasks"][0]["taskArn"])
    task_id = arn.rpartition("/")[2]
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline:
        (task,) = ecs.describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
        if task["lastStatus"] == "STOPPED":
            codes = [one.get("exitCode") for one in task["containers"] if one["name"] == CONTAINER]
            code = codes[0] if codes and codes[0] is not None else NEVER_STARTED
            return Outcome(code, task.get("stoppedReason", ""), task_id)
        sleep(POLL_SECONDS)
    return Outcome(124, f"still running after {limit_seconds:g} s", task_id)


def read_log(account: Account, task_id: str) -> Iterator[str]:
    """What a task wrote, line by line, from its beginning."""
    logs, environment = account.client("logs"), account.environment
    place = {
        "logGroupName": f"/ecs/{environment.project}-{environment.name}/etl",
        "logStreamName": f"{CONTAINER}/{CONTAINER}/{task_id}",
        "startFromHead": True,
    }
    token: dict[str, Any] = {}
    while True:
        page = logs.get_log_events(**place, **token)
        yield from (event["message"] for event in page["events"])
        if page["nextForwardToken"] == token.get("nextToken"):
            return
        token = {"nextToken": page["nextForwardToken"]}


def _placing(account: Account, command: Sequence[str]) -> dict[str, Any]:
    return {
        "launchType": "FARGATE",
        "count": 1,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": account.output("TaskSubnets").split(","),
                "securityGroups": [account.output("TaskSecurityGroup")],
                "assignPublicIp": account.output("TaskPublicIp"),
            }
        },
        "overrides": {"containerOverrides": [{"name": CONTAINER, "command": list(command)}]},
    }
