"""What is done with a deployed environment, against an emulator of AWS with stacks that say what ours say."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.infra.conftest import OWN
from tests.infra.test_agreement import names_read

from hctap_core.errors import SettingsInvalid
from hctap_dashboard.settings import Settings as DashboardSettings
from hctap_etl.settings import Settings as EtlSettings
from hctap_infra.environments import read_environment
from hctap_infra.operations.__main__ import main, make_parser
from hctap_infra.operations.account import Account, as_dotenv
from hctap_infra.operations.emptying import empty_buckets
from hctap_infra.operations.rotation import rotate
from hctap_infra.operations.tasks import run_task
from hctap_infra.operations.verification import verify
from hctap_infra.rehearsal.emulator import start_emulator
from hctap_infra.rehearsal.settings import read_environ

BUCKETS = ("RawBucket", "EnrichedBucket", "LineageBucket", "ArtifactsBucket", "LogsBucket")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """dev on the emulator, with a foundation of buckets, a database and its secret."""
    environment = read_environment("dev", OWN)
    with (
        start_emulator(read_environ(), tmp_path_factory.mktemp("emulator"), environment.region) as emulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in emulator.environ.items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        made = Account(environment)
        s3 = made.client("s3")
        outputs = {}
        for name in BUCKETS:
            bucket = f"hc-tap-{name.lower()}"
            s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            outputs[name] = {"Value": bucket}
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
        cloudformation = made.client("cloudformation")
        cloudformation.create_stack(StackName="hc-tap-dev-foundation", TemplateBody=json.dumps(template))
        cloudformation.get_waiter("stack_create_complete").wait(StackName="hc-tap-dev-foundation")
        yield made


@pytest.fixture
def site() -> Iterator[str]:
    """A site that is ready and has a dashboard that is not there, but for what lies under /whole."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in {"/ready", "/whole/ready", "/whole/app/"} else 503)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_outputs_become_settings_without_passwords(account: Account) -> None:
    lines = list(as_dotenv(account.environment, account.outputs))

    assert "HCTAP_RAW_BUCKET=hc-tap-rawbucket" in lines
    assert "AWS_DEFAULT_REGION=us-east-1" in lines
    assert not [line for line in lines if "PASSWORD" in line.upper() and not line.startswith("#")]


def test_an_output_that_no_stack_says_is_named(account: Account) -> None:
    with pytest.raises(SettingsInvalid, match="No stack says Cluster"):
        account.output("Cluster")


def test_an_environment_that_is_not_deployed_is_named(account: Account) -> None:
    other = Account(read_environment("staging", OWN))

    with pytest.raises(SettingsInvalid, match="No stack of staging is deployed"):
        _ = other.outputs
    assert account.outputs


def test_every_version_goes_before_dev_does(account: Account) -> None:
    s3 = account.client("s3")
    for body in (b"one", b"two"):
        s3.put_object(Bucket="hc-tap-rawbucket", Key="notes/a.json", Body=body)
    s3.delete_object(Bucket="hc-tap-rawbucket", Key="notes/a.json")

    deleted = dict(empty_buckets(account))

    assert deleted["hc-tap-rawbucket"] == 3
    assert s3.list_object_versions(Bucket="hc-tap-rawbucket").get("Versions", []) == []


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_a_protected_environment_is_never_emptied(name: str) -> None:
    with pytest.raises(SettingsInvalid, match="is protected"):
        list(empty_buckets(Account(read_environment(name, OWN))))


def test_what_does_not_work_is_said_check_by_check(account: Account, site: str) -> None:
    checks = {check.name: check for check in verify(_with_names(account), url=site, with_job=False)}

    assert checks["the API is ready"].ok
    assert not checks["the dashboard answers"].ok
    assert "503" in checks["the dashboard answers"].detail
    assert not checks["services are steady"].ok
    assert not checks["targets of api are healthy"].ok
    assert checks["no alarm rings"].ok


@pytest.fixture(scope="module")
def works(account: Account) -> Account:
    """The account with services that run and targets that are healthy, the API's in the second of two groups."""
    ecs, elb = account.client("ecs"), account.client("elbv2")
    ecs.create_cluster(clusterName="works")
    container = {"name": "etl", "image": "etl:1", "memory": 128}
    ecs.register_task_definition(family="works", containerDefinitions=[container])
    for name, count in (("api", 2), ("dashboard", 1), ("worker", 0)):
        ecs.create_service(cluster="works", serviceName=name, taskDefinition="works", desiredCount=count)
    vpc = account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    groups = {}
    for name in ("api", "api-next", "dashboard"):
        made = elb.create_target_group(Name=name, Protocol="HTTP", Port=8000, VpcId=vpc, TargetType="ip")
        groups[name] = made["TargetGroups"][0]["TargetGroupArn"]
    for name in ("api-next", "dashboard"):
        elb.register_targets(TargetGroupArn=groups[name], Targets=[{"Id": "10.0.0.4", "Port": 8000}])
    return _with_names(
        account,
        Cluster="works",
        ApiService="api",
        DashboardService="dashboard",
        WorkerService="worker",
        ApiTargets=f"{groups['api']},{groups['api-next']}",
        DashboardTargets=groups["dashboard"],
        EtlFamily="works",
        TaskSubnets="subnet-1,subnet-2",
        TaskSecurityGroup="sg-1",
        TaskPublicIp="DISABLED",
    )


def test_what_works_passes_check_by_check_after_blue_green_too(works: Account, site: str) -> None:
    checks = list(verify(works, url=f"{site}/whole", with_job=False))

    # Other tests of this module leave an alarm that rings.
    assert [check.name for check in checks if not check.ok] in ([], ["no alarm rings"])
    assert len(checks) == 6
    assert {check.name: check.detail for check in checks}["targets of api are healthy"] == "1 of 1 healthy"


def test_what_cannot_be_seen_from_here_is_said_and_is_no_fault(works: Account) -> None:
    checks = {check.name: check for check in verify(works, url=None, with_job=False)}

    assert checks["the API is ready"].ok is None
    assert "internal" in checks["the dashboard answers"].detail
    assert checks["services are steady"].ok


def test_a_task_is_waited_for_and_its_exit_code_is_ours(works: Account) -> None:
    ecs = works.client("ecs")

    def end(_: float) -> None:
        for task in ecs.list_tasks(cluster="works", family="works")["taskArns"]:
            ecs.stop_task(cluster="works", task=task)

    outcome = run_task(works, ["runs", "freshness"], limit_seconds=60, sleep=end)

    assert (outcome.exit_code, outcome.reason) == (0, "Task stopped by user")
    assert outcome.task_id


def test_a_task_that_does_not_end_is_said(works: Account) -> None:
    outcome = run_task(works, ["run"], limit_seconds=0, sleep=lambda _: None)

    assert outcome.exit_code == 124


def test_outputs_are_written_for_people_and_for_programs(
    works: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["operations", "--env", "dev", "--own", str(OWN), "outputs", str(tmp_path)]
    monkeypatch.setattr("sys.argv", words)

    with pytest.raises(SystemExit, match="0"):
        main()

    said = json.loads((tmp_path / "dev.json").read_text())
    assert said == json.loads(capsys.readouterr().out)
    settings = [line for line in (tmp_path / "dev.env").read_text().splitlines() if not line.startswith("#")]
    lines = dict(line.split("=", 1) for line in settings)
    assert works.outputs["RawBucket"] == said["RawBucket"] == lines["HCTAP_RAW_BUCKET"]
    assert set(lines) <= names_read(EtlSettings) | names_read(DashboardSettings)


def test_a_ringing_alarm_is_named(account: Account, site: str) -> None:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="hc-tap-dev-latency", MetricName="m", Namespace="n", Statistic="Average", Period=60,
        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="hc-tap-dev-latency", StateValue="ALARM", StateReason="a test")

    checks = {check.name: check for check in verify(_with_names(account), url=site, with_job=False)}

    assert checks["no alarm rings"].detail == "hc-tap-dev-latency"


def test_a_rotation_is_asked_for_and_waited_for(account: Account) -> None:
    secrets = account.client("secretsmanager")
    secrets.create_secret(Name="hc-tap/dev/database", SecretString=json.dumps({"username": "hctap", "password": "old"}))
    before = secrets.describe_secret(SecretId="hc-tap/dev/database")["VersionIdsToStages"]

    assert next(rotate(_with_names(account))) == "database: new password"
    after = secrets.describe_secret(SecretId="hc-tap/dev/database")["VersionIdsToStages"]
    (current,) = (version for version, stages in after.items() if "AWSCURRENT" in stages)
    assert current not in before


def test_words_of_a_task_reach_it_with_their_options() -> None:
    given = make_parser().parse_args(["--env", "dev", "task", "--limit", "9", "run", "--incremental"])

    assert (given.limit, given.words) == (9.0, ["run", "--incremental"])


def test_workflows_and_people_run_the_same_commands() -> None:
    targets = (Path(OWN).parent / "targets.mk").read_text()

    for name in (
        "synth",
        "diff",
        "deploy",
        "destroy",
        "outputs",
        "bootstrap",
        "cost",
        "deploy-local",
        "verify",
        "rotate",
    ):
        assert f"\n{name}:" in targets


def _with_names(account: Account, **others: str) -> Account:
    """The account as if all stacks were there."""
    made = Account(account.environment)
    names = {
        "Cluster": "hc-tap-dev-cluster",
        "ApiService": "hc-tap-dev-api",
        "DashboardService": "hc-tap-dev-dashboard",
        "WorkerService": "hc-tap-dev-worker",
        "ApiTargets": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/a/1",
        "DashboardTargets": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/d/1",
    }
    vars(made)["outputs"] = {**account.outputs, **names, **others}
    return made
