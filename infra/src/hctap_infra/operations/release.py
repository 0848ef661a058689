"""What runs, what was found in it, what it would go back to, and whether anybody changed it by hand."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from hctap_infra.operations.account import STACKS, Account

IMAGES = ("Api", "Dashboard", "Etl")
POLL_SECONDS = 10.0
NOTHING = "none"
BAD = ("CRITICAL",)


def find_running_tag(account: Account) -> str:
    """The tag of the image that the API runs, `none` before the first deployment."""
    service = account.outputs.get("ApiService")
    if service is None:
        return NOTHING
    ecs = account.client("ecs")
    described = ecs.describe_services(cluster=account.output("Cluster"), services=[service])["services"]
    if not described:
        return NOTHING
    task = ecs.describe_task_definition(taskDefinition=described[0]["taskDefinition"])["taskDefinition"]
    return str(task["containerDefinitions"][0]["image"]).rpartition(":")[2]


def take_snapshot(account: Account, tag: str) -> str:
    """Begin a snapshot of the database before it changes; says its name."""
    environment = account.environment
    name = environment.name_of(f"before-{tag}-{datetime.now(UTC):%Y%m%d%H%M%S}")
    account.client("rds").create_db_snapshot(
        DBInstanceIdentifier=environment.name_of("database"), DBSnapshotIdentifier=name
    )
    return name


def read_scans(
    account: Account, tag: str, *, limit_seconds: float = 600, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[str, Counter[str]]]:
    """The images of a tag with how many findings of each severity their scans have, once they are there."""
    ecr = account.client("ecr")
    for image in IMAGES:
        repository = account.output(f"{image}Repository").partition("/")[2]
        deadline = time.monotonic() + limit_seconds
        while True:
            found = _read_scan(ecr, repository, tag)
            if found is not None or time.monotonic() > deadline:
                break
            sleep(POLL_SECONDS)
        yield repository, Counter({"NOT SCANNED": 1}) if found is None else found


def is_bad(found: Counter[str]) -> bool:
    """Whether an image must not stay: something critical, or nobody looked."""
    return any(found[severity] for severity in (*BAD, "NOT SCANNED"))


def _read_scan(ecr: object, repository: str, tag: str) -> Counter[str] | None:
    try:
        answer = ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageTag": tag})  # type: ignore[attr-defined]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ScanNotFoundException":
            return None
        raise
    if answer["imageScanStatus"]["status"] not in {"COMPLETE", "ACTIVE"}:
        return None
    return Counter(answer["imageScanFindings"].get("findingSeverityCounts", {}))


def detect_drift(account: Account, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[tuple[str, str]]:
    """Each stack with what CloudFormation says of its drift."""
    cloudformation = account.client("cloudformation")
    for part in STACKS:
        stack = account.environment.name_of(part)
        detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
        while True:
            status = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
            if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                yield stack, status.get("StackDriftStatus", status["DetectionStatus"])
                break
            sleep(POLL_SECONDS)
