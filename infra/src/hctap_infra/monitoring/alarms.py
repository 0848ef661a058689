"""The alarms: each has a threshold, a patience, and somebody who hears of it."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from hctap_infra.environments import Environment

GIB = 1024**3
MINUTE = Duration.minutes(1)
ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


@dataclass(frozen=True, slots=True)
class Threshold:
    """When an alarm rings: `metric` beyond `limit` for `minutes` in a row; `silence` says what missing data means."""

    name: str
    metric: cloudwatch.IMetric
    limit: float
    minutes: int = 5
    below: bool = False
    silence: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING


@dataclass(frozen=True, slots=True)
class Alarms:
    """Makes alarms that all write to one topic."""

    scope: Construct
    environment: Environment
    topic: sns.Topic

    def ring(self, threshold: Threshold) -> None:
        """Make an alarm of a threshold."""
        self._attach(
            cloudwatch.Alarm(
                self.scope,
                "".join(word.title() for word in threshold.name.split("-")),
                alarm_name=self.environment.name_of(threshold.name),
                metric=threshold.metric,
                threshold=threshold.limit,
                comparison_operator=BELOW if threshold.below else ABOVE,
                evaluation_periods=threshold.minutes,
                datapoints_to_alarm=threshold.minutes,
                treat_missing_data=threshold.silence,
            )
        )

    def ring_when_unusual(self, name: str, metric: cloudwatch.IMetric) -> None:
        """Make an alarm for a figure outside of what it usually is at this hour."""
        self._attach(
            cloudwatch.AnomalyDetectionAlarm(
                self.scope,
                "".join(word.title() for word in name.split("-")),
                alarm_name=self.environment.name_of(name),
                metric=metric,
                std_devs=3,
                evaluation_periods=3,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )

    def _attach(self, alarm: cloudwatch.AlarmBase) -> None:
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))


def share(part: cloudwatch.IMetric, whole: cloudwatch.IMetric) -> cloudwatch.MathExpression:
    """How many in a hundred, nought where there are none."""
    return cloudwatch.MathExpression(
        expression="IF(whole > 0, 100 * FILL(part, 0) / whole, 0)",
        using_metrics={"part": part, "whole": whole},
        period=MINUTE,
        label="percent",
    )
