"""The account that the shell's credentials open, seen as one environment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from hctap_core.errors import SettingsInvalid, StoreUnavailable
from hctap_infra.environments import Environment

STACKS = ("foundation", "jobs", "services", "watch")


@dataclass(frozen=True)
class Account:
    """Clients of AWS in the environment's region, and what its stacks say of themselves."""

    environment: Environment

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
        """A client of one of AWS's services."""
        return boto3.client(service, region_name=self.environment.region)  # type: ignore[call-overload]

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of all stacks that are deployed, by name.

        Raises:
            SettingsInvalid: If none is deployed.
            StoreUnavailable: If AWS does not answer, or not to these credentials.
        """
        found: dict[str, str] = {}
        for part in STACKS:
            found |= self._outputs_of(self.environment.name_of(part))
        if not found:
            raise SettingsInvalid(
                f"No stack of {self.environment.name} is deployed.",
                remedy=f"Run `make deploy ENV={self.environment.name}` first.",
            )
        return found

    def output(self, name: str) -> str:
        """One output.

        Raises:
            SettingsInvalid: If the stack that says it is not deployed.
        """
        if name not in self.outputs:
            raise SettingsInvalid(f"No stack says {name}.", remedy="Deploy the stack that is missing.")
        return self.outputs[name]

    def _outputs_of(self, stack: str) -> Mapping[str, str]:
        try:
            (described,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise StoreUnavailable(f"AWS refuses: {_code(error)}.", remedy="Correct the credentials.") from None
        except BotoCoreError as error:
            raise StoreUnavailable(
                f"AWS does not answer: {type(error).__name__}.",
                remedy="Sign in with `aws sso login`, or set AWS_PROFILE.",
            ) from None
        return {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", ())}


def as_dotenv(environment: Environment, outputs: Mapping[str, str]) -> Iterable[str]:
    """The lines of an `.env` with which the command lines speak to the deployed lake and API."""
    yield f"# Made by `make outputs ENV={environment.name}`. No passwords: they stay in Secrets Manager."
    names = {
        "RawBucket": "HCTAP_RAW_BUCKET",
        "EnrichedBucket": "HCTAP_ENRICHED_BUCKET",
        "Url": "HCTAP_API_URL",
    }
    for output, variable in names.items():
        if output in outputs:
            yield f"{variable}={outputs[output]}"
    yield f"AWS_DEFAULT_REGION={environment.region}"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
