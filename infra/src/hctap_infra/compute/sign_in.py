"""The secret that the dashboard signs people in with at an OpenID provider; whoever registered it there has made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from hctap_infra.compute.programs import SIGN_IN_SECRETS
from hctap_infra.environments import Environment


@dataclass(frozen=True, slots=True)
class SignIn:
    """The secret with its key, and the settings that come out of it; nothing where people sign in with keys."""

    secrets: tuple[secretsmanager.ISecret, ...] = ()
    key: kms.IKey | None = None
    settings: Mapping[str, ecs.Secret] = field(default_factory=dict)


def find_sign_in(scope: Construct, environment: Environment) -> SignIn:
    """What the environment names of it."""
    client = environment.identity.dashboard if environment.identity else None
    if client is None:
        return SignIn()
    secret = secretsmanager.Secret.from_secret_complete_arn(scope, "SignInSecret", client.secret_arn)
    key = kms.Key.from_key_arn(scope, "SignInKey", client.secret_key_arn) if client.secret_key_arn else None
    settings = {name: ecs.Secret.from_secrets_manager(secret, part) for name, part in SIGN_IN_SECRETS.items()}
    return SignIn((secret,), key, settings)
