"""The CDK application of one environment: its stacks, in the order in which they are deployed."""

from aws_cdk import App

from hctap_infra.checks.acknowledgements import acknowledge
from hctap_infra.environments import Environment
from hctap_infra.stacks.copies import make_copies_stack
from hctap_infra.stacks.foundation import make_foundation
from hctap_infra.stacks.jobs import make_jobs
from hctap_infra.stacks.services import make_services
from hctap_infra.stacks.watch import make_watch


def compose(app: App, environment: Environment, tag: str) -> None:
    """All stacks of the environment; `tag` is the images' tag."""
    copies = make_copies_stack(app, environment) if environment.lake.replicate_to else None
    base = make_foundation(app, environment)
    if copies:
        # S3 refuses to replicate into a bucket that is not there.
        base.stack.add_stack_dependency(copies)
    jobs = make_jobs(app, environment, base, tag)
    services = make_services(app, environment, base, jobs, tag)
    make_watch(app, environment, base, jobs, services)
    acknowledge(app, environment)
