"""Amazon's own client against this API: another address, and nothing else."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.clinic import serve, settings_of

from hctap_api.main import create_app
from hctap_core.permissions import Role
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.stack

TEXT = "He denies chest pain. Hypertension. Lisinopril 10 mg PO daily."


def make_client(url: str, token: str | None = None) -> Any:
    return boto3.client(
        "comprehendmedical",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
    )


@pytest.fixture(scope="module")
def client(engine_url: str) -> Iterator[Any]:
    made = make_client(engine_url)
    yield made
    made.close()


def test_entities_are_detected(client: Any) -> None:
    answer = client.detect_entities_v2(Text=TEXT)
    found = {entity["Text"]: entity for entity in answer["Entities"]}
    pain, drug = found["chest pain"], found["Lisinopril"]
    assert (pain["Category"], pain["Type"], pain["Traits"][0]["Name"]) == ("MEDICAL_CONDITION", "DX_NAME", "NEGATION")
    assert TEXT[pain["BeginOffset"] : pain["EndOffset"]] == "chest pain"
    assert {(part["Type"], part["Text"]) for part in drug["Attributes"]} >= {
        ("STRENGTH", "10 mg"),
        ("FREQUENCY", "daily"),
    }
    assert answer["ModelVersion"].startswith("hybrid-")


def test_conditions_have_codes(client: Any) -> None:
    answer = client.infer_icd10_cm(Text=TEXT)
    codes = {entity["Text"]: entity["ICD10CMConcepts"][0]["Code"] for entity in answer["Entities"]}
    assert codes == {"chest pain": "R07.9", "Hypertension": "I10"}


def test_medications_without_rxnorm_say_so(client: Any) -> None:
    answer = client.infer_rx_norm(Text=TEXT)
    assert [(entity["Text"], entity["RxNormConcepts"]) for entity in answer["Entities"]] == [("Lisinopril", [])]
    assert answer["ModelVersion"].endswith("without RxNorm")


@pytest.mark.parametrize(
    ("text", "kind"), [("x" * 20_001, "TextSizeLimitExceededException"), (" ", "InvalidRequestException")]
)
def test_errors_have_amazons_names(client: Any, text: str, kind: str) -> None:
    with pytest.raises(ClientError) as caught:
        client.detect_entities_v2(Text=text)
    assert caught.value.response["Error"]["Code"] == kind


def test_older_clients_speak_json(engine_url: str) -> None:
    def ask(target: str, content: str) -> httpx.Response:
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
        return httpx.post(engine_url, content=content, headers=headers, timeout=30)

    answer = ask("ComprehendMedical_20181030.InferICD10CM", '{"Text": "Hypertension."}')
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.json()["Entities"][0]["ICD10CMConcepts"][0]["Code"] == "I10"
    for target, content, kind in (
        ("ComprehendMedical_20181030.DetectPHI", "{}", "UnknownOperationException"),
        ("Other.InferICD10CM", "{}", "UnknownOperationException"),
        ("ComprehendMedical_20181030.InferICD10CM", "{", "SerializationException"),
        ("ComprehendMedical_20181030.InferICD10CM", "[]", "InvalidRequestException"),
    ):
        refused = ask(target, content)
        assert (refused.status_code, refused.json()["__type"]) == (400, kind)
    assert httpx.post(engine_url, content="{}").status_code == 404


def test_a_key_comes_as_the_session_token(stack: Stack, api_url: str, clinic_database: str) -> None:
    assert api_url
    with Database(clinic_database) as database:
        token = keys.create_key(database, "boto", Role.ANALYST).token
    with serve(create_app(settings_of(stack, clinic_database, HCTAP_API_OPEN="0"))) as url:
        for given, kind in ((None, "AccessDeniedException"), (token, "ServiceUnavailableException")):
            with pytest.raises(ClientError) as caught:
                make_client(url, given).detect_entities_v2(Text=TEXT)
            assert caught.value.response["Error"]["Code"] == kind
