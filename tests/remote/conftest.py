"""Clients that answer from a script, checked against the models of the services; no request leaves the process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.sections import SectionFinder
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.build import ensure
from hctap_remote.calls import Caller


class Script:
    """A client, its stubber, and the waits that callers would have taken."""

    def __init__(self, service: str) -> None:
        self.client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        self.stubber = Stubber(self.client)
        self.waits: list[float] = []
        self.caller = Caller(sleep=self.waits.append, chance=lambda: 1.0)


@pytest.fixture
def comprehend() -> Iterator[Script]:
    script = Script("comprehendmedical")
    with script.stubber:
        yield script


@pytest.fixture
def bedrock() -> Iterator[Script]:
    script = Script("bedrock-runtime")
    with script.stubber:
        yield script


@pytest.fixture(scope="session")
def vocabulary_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vocabulary")


@pytest.fixture(scope="session")
def vocabulary(vocabulary_folder: Path) -> Compiled:
    return ensure(vocabulary_folder)


@pytest.fixture(scope="session")
def reader(vocabulary: Compiled) -> RulesExtractor:
    """The real engine, which reads codes and attributes for the model's quotations."""
    return RulesExtractor(vocabulary)


@pytest.fixture(scope="session")
def sections(vocabulary: Compiled) -> SectionFinder:
    return SectionFinder(vocabulary.header["tables"]["headings"])
