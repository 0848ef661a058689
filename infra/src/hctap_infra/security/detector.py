"""GuardDuty: what looks like an attack; one detector for an account and region."""

from aws_cdk import aws_guardduty as guardduty
from constructs import Construct


def make_detector(scope: Construct) -> guardduty.CfnDetector:
    """The detector, with S3's data events and the containers' behaviour."""
    return guardduty.CfnDetector(
        scope,
        "Detector",
        enable=True,
        finding_publishing_frequency="FIFTEEN_MINUTES",
        features=[
            guardduty.CfnDetector.CFNFeatureConfigurationProperty(name="S3_DATA_EVENTS", status="ENABLED"),
            guardduty.CfnDetector.CFNFeatureConfigurationProperty(name="RDS_LOGIN_EVENTS", status="ENABLED"),
        ],
    )
