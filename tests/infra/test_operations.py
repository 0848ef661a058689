"""What is done with a deployed environment, against an emulator of AWS with stacks that say what ours say."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.infra.conftest import OWN

from hctap_core.errors import SettingsInvalid
from hctap_infra.environments import read_environment
from hctap_infra.operations.account import Account, as_dotenv
from hctap_infra.operations.emptying import empty_buckets
from hctap_infra.operations.rotation import rotate
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
    """A site that is ready and has a dashboard that is not there."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/ready" else 503)
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


def test_a_ringing_alarm_is_named(account: Account, site: str) -> None:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="hc-tap-dev-latency", MetricName="m", Namespace="n", Statistic="Average", Period=60,
        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="hc-tap-dev-latency", StateValue="ALARM", StateReason="a test")

    checks = {check.name: check for check in verify(_with_names(account), url=site, with_job=False)}

    assert checks["no alarm rings"].detail == "hc-tap-dev-latency"


def test_a_rotation_changes_the_secret_after_the_store(account: Account) -> None:
    secrets, rds = account.client("secretsmanager"), account.client("rds")
    secrets.create_secret(Name="hc-tap/dev/database", SecretString=json.dumps({"username": "hctap", "password": "old"}))
    rds.create_db_instance(
        DBInstanceIdentifier="hc-tap-dev-database", DBInstanceClass="db.t3.micro", Engine="postgres",
        MasterUsername="hctap", MasterUserPassword="old-password", AllocatedStorage=20,
    )  # fmt: skip

    steps = rotate(_with_names(account))

    assert next(steps) == "database: new password"
    kept = json.loads(secrets.get_secret_value(SecretId="hc-tap/dev/database")["SecretString"])
    assert kept["username"] == "hctap"
    assert len(kept["password"]) == 40
    assert kept["password"].isalnum()


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


def _with_names(account: Account) -> Account:
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
    vars(made)["outputs"] = {**account.outputs, **names}
    return made
