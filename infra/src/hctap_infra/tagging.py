"""The tags by which costs, owners and classes of data are told apart."""

from aws_cdk import Tags
from constructs import Construct

from hctap_infra.environments import Environment

NAMES = ("Project", "Environment", "Owner", "DataClass", "CostCenter")


def tag(scope: Construct, environment: Environment) -> None:
    """Tag all below; what holds PHI or secrets says so itself, with a higher priority."""
    values = (environment.project, environment.name, environment.owner, "internal", environment.cost_center)
    for name, value in zip(NAMES, values, strict=True):
        Tags.of(scope).add(name, value)
