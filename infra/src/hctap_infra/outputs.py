"""What a deployed stack says of itself, for people and for the next step."""

from aws_cdk import CfnOutput, Stack


def say(stack: Stack, name: str, value: str) -> None:
    """An output of the stack under a name that stays."""
    CfnOutput(stack, f"{name}Output", value=value).override_logical_id(name)
