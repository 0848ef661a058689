import re
from typing import Any

from tests.infra.assemblies import Assembly

THRESHOLDS = {
    "api-cpu": 80, "api-memory": 80, "dashboard-cpu": 80, "dashboard-memory": 80, "database-cpu": 80,
    "latency": 1, "errors": 5, "network-errors": 1, "api-unhealthy": 0, "dashboard-unhealthy": 0,
    "freshness": 120, "quarantine": 0, "queue-age": 1800, "etl-failed": 0, "cache-cpu": 80, "cache-memory": 80,
    "logins-failed": 50, "root-used": 0, "console-logins-failed": 5, "access-denied": 20, "rights-changed": 0,
    "trail-changed": 0, "rotation-failed": 0,
}  # fmt: skip


def _alarms(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {
        one.properties["AlarmName"].removeprefix(f"hc-tap-{assembly.environment.name}-"): one.properties
        for one in assembly.resources("AWS::CloudWatch::Alarm")
        if "AlarmName" in one.properties
    }


def test_every_log_group_is_encrypted_and_ends(assembly: Assembly) -> None:
    groups = list(assembly.resources("AWS::Logs::LogGroup"))

    assert len(groups) >= 7
    for group in groups:
        assert group.properties["RetentionInDays"] == assembly.environment.monitoring.log_days, group.name
        assert group.properties["KmsKeyId"], group.name


def test_programs_write_where_they_are_looked_for(assembly: Assembly) -> None:
    names = {one.properties.get("LogGroupName") for one in assembly.resources("AWS::Logs::LogGroup")}

    assert {f"/ecs/hc-tap-{assembly.environment.name}/{one}" for one in ("api", "dashboard", "etl")} <= names


def test_every_alarm_calls_somebody(assembly: Assembly) -> None:
    alarms = list(assembly.resources("AWS::CloudWatch::Alarm"))

    assert bool(_alarms(assembly)) is assembly.environment.monitoring.has_alarms
    for alarm in alarms:
        assert alarm.properties["AlarmActions"], alarm.name


def test_thresholds_are_those_that_are_promised(assemblies: dict[str, Assembly]) -> None:
    found = {name: alarm["Threshold"] for name, alarm in _alarms(assemblies["prod"]).items() if "Threshold" in alarm}

    assert {name: found.get(name) for name in THRESHOLDS} == THRESHOLDS
    assert found["database-connections"] == 0.8 * 1500
    assert found["database-disk"] == 0.15 * 100 * 1024**3
    assert found["raw-size"] == 1000 * 1024**3


def test_an_unusual_volume_rings(assemblies: dict[str, Assembly]) -> None:
    volume = _alarms(assemblies["prod"])["volume"]

    assert "ANOMALY_DETECTION_BAND" in str(volume["Metrics"])


def test_latency_and_errors_ring_in_time(assemblies: dict[str, Assembly]) -> None:
    alarms = _alarms(assemblies["prod"])

    assert (alarms["latency"]["EvaluationPeriods"], alarms["latency"]["Period"]) == (5, 60)
    assert alarms["errors"]["EvaluationPeriods"] == 2
    assert alarms["api-cpu"]["EvaluationPeriods"] == 5


def test_silence_about_freshness_is_an_alarm(assemblies: dict[str, Assembly]) -> None:
    assert _alarms(assemblies["prod"])["freshness"]["TreatMissingData"] == "breaching"


def test_alarms_go_to_a_topic_that_is_encrypted_and_has_subscribers(assembly: Assembly) -> None:
    topic = assembly.one("AWS::SNS::Topic").properties

    assert topic["KmsMasterKeyId"]
    emails = [one.properties["Endpoint"] for one in assembly.resources("AWS::SNS::Subscription")]
    assert emails == ["alerts@example.org"]


def test_the_budget_warns_at_80_actual_and_100_forecast(assembly: Assembly) -> None:
    budget = assembly.one("AWS::Budgets::Budget").properties
    notices = [one["Notification"] for one in budget["NotificationsWithSubscribers"]]

    assert budget["Budget"]["BudgetLimit"]["Amount"] == assembly.environment.monitoring.budget_dollars
    assert [(one["NotificationType"], one["Threshold"]) for one in notices] == [("ACTUAL", 80), ("FORECASTED", 100)]


def test_a_failed_job_is_told(assemblies: dict[str, Assembly]) -> None:
    pattern = assemblies["prod"].one("AWS::Events::Rule", "EtlFailed").properties["EventPattern"]

    assert pattern["detail"]["containers"]["exitCode"] == [{"anything-but": 0}]


def test_the_overview_shows_what_is_promised(assembly: Assembly) -> None:
    body = str(assembly.one("AWS::CloudWatch::Dashboard").properties["DashboardBody"])

    for metric in ("TargetResponseTime", "freshness_minutes", "queue_depth", "CPUUtilization", "EstimatedCharges"):
        assert metric in body


def test_the_trail_reads_every_access_to_notes(assemblies: dict[str, Assembly]) -> None:
    assert not list(assemblies["dev"].resources("AWS::CloudTrail"))
    for name in ("staging", "prod"):
        trail = assemblies[name].one("AWS::CloudTrail::Trail").properties
        (selector,) = trail["EventSelectors"]
        assert selector["DataResources"][0]["Type"] == "AWS::S3::Object"
        assert len(selector["DataResources"][0]["Values"]) == 2
        assert trail["KMSKeyId"]
        assert trail["EnableLogFileValidation"] is True


def test_no_account_id_stands_anywhere(assembly: Assembly) -> None:
    texts = [path.read_text() for path in assembly.folder.glob("*.template.json")]

    # The account from which AWS's balancers of this region write logs; AWS publishes it.
    assert {number for text in texts for number in re.findall(r'[:"](\d{12})[:"]', text)} <= {"127311923021"}
