"""The passwords that tasks are started with; made by Secrets Manager, known to nobody."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Tags
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from hctap_infra.environments import Environment

# Letters and digits alone go into a connection's address as they are.
PASSWORD_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Secrets:
    """The database's password and, where there is a cache, its token."""

    database: secretsmanager.Secret
    cache_token: secretsmanager.Secret | None


def make_secrets(scope: Construct, environment: Environment, key: kms.Key) -> Secrets:
    """The secrets, each as a JSON object with a key `password`."""
    return Secrets(
        database=_make_secret(scope, environment, "database", key),
        cache_token=_make_secret(scope, environment, "cache", key) if environment.cache.is_on else None,
    )


def _make_secret(scope: Construct, environment: Environment, part: str, key: kms.Key) -> secretsmanager.Secret:
    secret = secretsmanager.Secret(
        scope,
        f"{part.title()}Secret",
        secret_name=f"{environment.project}/{environment.name}/{part}",
        description=f"The password of the {part}; rotated by schedule and by `make rotate`",
        encryption_key=key,
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=f'{{"username": "{environment.database.name}"}}',
            generate_string_key="password",
            password_length=PASSWORD_LENGTH,
            exclude_punctuation=True,
        ),
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )
    Tags.of(secret).add("DataClass", "confidential", priority=300)
    return secret
