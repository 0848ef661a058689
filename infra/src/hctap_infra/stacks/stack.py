"""A stack with what all of them have: a place, tags, and a boundary for its roles."""

from aws_cdk import Environment as Place
from aws_cdk import Stack
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.tagging import tag


def make_stack(app: Construct, environment: Environment, part: str, region: str | None = None) -> Stack:
    """An empty stack; the account is that of whoever deploys it, so none is written down."""
    stack = Stack(
        app,
        environment.name_of(part),
        stack_name=environment.name_of(part),
        description=f"HC-TAP {environment.name}: {part}",
        env=Place(region=region or environment.region),
        termination_protection=environment.is_protected,
    )
    tag(stack, environment)
    return stack
