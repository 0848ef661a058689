"""The OpenID provider of an environment, as its file describes it."""

from typing import Literal

from pydantic import Field

from hctap_infra.environment_parts import Part


class DashboardClient(Part):
    """The dashboard as the provider knows it, a confidential client.

    `secret_arn` is a secret of Secrets Manager with the keys `client_secret` and `cookie_secret` (32 characters or
    more), `secret_key_arn` the key of KMS that it lies under, where that is not AWS's own. `token` says which of the
    provider's tokens the API takes.
    """

    client_id: str = Field(min_length=1)
    secret_arn: str = Field(pattern=r"^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$")
    secret_key_arn: str | None = Field(default=None, pattern=r"^arn:aws:kms:[a-z0-9-]+:\d{12}:key/.+$")
    scopes: str | None = Field(default=None, pattern=r"\bopenid\b")
    token: Literal["access", "id"] | None = None


class Identity(Part):
    """The OpenID provider whose tokens the API takes beside keys; with `dashboard` people sign in there as well."""

    issuer: str = Field(pattern="^https://")
    audience: str = Field(min_length=1)
    jwks_url: str | None = Field(default=None, pattern="^https://")
    role_claim: str | None = Field(default=None, min_length=1)
    role_prefix: str | None = None
    dashboard: DashboardClient | None = None
