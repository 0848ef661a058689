"""The remote extractors by name, loaded only where that is allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from hctap_core.errors import ExtractorUnavailable, SettingsInvalid
from hctap_nlp.extractors import Extractor, load_extractor
from hctap_nlp.vocabulary.build import Progress, ensure
from hctap_remote.metering import Account
from hctap_remote.options import RemoteOptions
from hctap_remote.prices import load_prices

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_comprehendmedical import ComprehendMedicalClient

# Own retries alone, so that every request that may be billed is counted. The credentials are those that boto3 finds,
# never those of a stack on this machine: an emulator has no such service.
_CONFIG: Final = Config(connect_timeout=5, read_timeout=120, retries={"total_max_attempts": 1, "mode": "standard"})


def load_remote_extractor(
    name: str,
    options: RemoteOptions,
    vocabulary_folder: Path,
    progress: Progress | None = None,
    *,
    terms: Path | None = None,
) -> tuple[Extractor, Account]:
    """The extractor of that name, and the account on which its requests are put.

    Raises:
        ExtractorUnavailable: If text may not leave the machine.
        SettingsInvalid: If no model is named, or the table of prices is none.
    """
    if not options.is_allowed:
        raise ExtractorUnavailable(
            f"The extractor {name!r} sends notes to a service, and nobody allowed that.",
            remedy="Set HCTAP_ALLOW_REMOTE=1 if they may leave this machine.",
        )
    account = Account(options.max_cost)
    prices = load_prices(options.prices)
    if name == "comprehend":
        from hctap_nlp.sections import SectionFinder
        from hctap_remote.comprehend import ComprehendExtractor

        tables = ensure(vocabulary_folder, progress).header["tables"]
        client = _comprehend_client(options.region)
        return ComprehendExtractor(client, prices, account, SectionFinder(tables["headings"])), account
    from hctap_remote.bedrock import BedrockExtractor

    if not options.model:
        raise SettingsInvalid("No model is named.", remedy="Set HCTAP_BEDROCK_MODEL to a model or inference profile.")
    reader = load_extractor("rules", vocabulary_folder, progress, terms=terms)
    return BedrockExtractor(_bedrock_client(options.region), options.model, prices, account, reader), account


def _comprehend_client(region: str | None) -> "ComprehendMedicalClient":
    with _explained("comprehendmedical"):
        return boto3.client("comprehendmedical", region_name=region, config=_CONFIG)


def _bedrock_client(region: str | None) -> "BedrockRuntimeClient":
    with _explained("bedrock-runtime"):
        return boto3.client("bedrock-runtime", region_name=region, config=_CONFIG)


@contextmanager
def _explained(service: str) -> Iterator[None]:
    try:
        yield
    except BotoCoreError as error:
        raise ExtractorUnavailable(
            f"There is no client for {service}: {type(error).__name__}.", remedy="Set AWS_REGION and credentials."
        ) from None
