"""The rule packs that every synthesis is held against."""

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks


def add_packs(app: App) -> None:
    """AwsSolutions and HIPAA.Security: a finding that is not acknowledged with a reason ends the synthesis."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), HIPAASecurityChecks(app))
