"""The other region: copies of the lake and of recovery points."""

from aws_cdk import Stack
from constructs import Construct

from hctap_infra.data.replication import make_copies
from hctap_infra.environments import Environment
from hctap_infra.stacks.stack import make_stack


def make_copies_stack(app: Construct, environment: Environment) -> Stack:
    """The stack `copies`, in the region that the lake is copied to."""
    stack = make_stack(app, environment, "copies", region=environment.lake.replicate_to)
    make_copies(Construct(stack, "Copies"), environment)
    return stack
