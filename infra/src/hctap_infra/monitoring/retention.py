"""How long log groups keep what they hold."""

from aws_cdk import aws_logs as logs

_DAYS = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def retention_of(days: int) -> logs.RetentionDays:
    """CDK's word for a number of days."""
    return _DAYS[days]
