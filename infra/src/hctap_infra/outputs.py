"""What a deployed stack says of itself, for people and for the next step."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ssm as ssm

from hctap_infra.environments import Environment


def say(stack: Stack, environment: Environment, name: str, value: str) -> None:
    """An output of the stack under a name that stays, and a parameter for those who may not read stacks."""
    CfnOutput(stack, f"{name}Output", value=value).override_logical_id(name)
    ssm.StringParameter(
        stack,
        f"{name}Parameter",
        parameter_name=f"/{environment.project}/{environment.name}/{name}",
        description=f"The output {name} of {stack.stack_name}",
        string_value=value,
    )
