"""Calls that fail: again after growing waits, or never again."""

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from tests.remote.conftest import Script

from hctap_core.errors import ExtractorUnavailable
from hctap_remote.calls import Caller, TextRefused

ANSWER = {"Entities": [], "ModelVersion": "3.0.0"}


def test_throttled_calls_are_made_again_after_waits_that_grow(comprehend: Script) -> None:
    for _ in range(3):
        comprehend.stubber.add_client_error("detect_entities_v2", "TooManyRequestsException", "Jane Doe", 400)
    comprehend.stubber.add_response("detect_entities_v2", ANSWER)
    answer = comprehend.caller.call(comprehend.client.detect_entities_v2, Text="x")
    assert answer["ModelVersion"] == "3.0.0"
    assert comprehend.waits == [0.5, 1.0, 2.0]


def test_waits_scatter_and_have_a_limit() -> None:
    waits: list[float] = []
    caller = Caller(attempts=9, sleep=waits.append, chance=lambda: 0.5)

    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://nowhere")

    with pytest.raises(ExtractorUnavailable, match="EndpointConnectionError"):
        caller.call(fail)
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnrecognizedClientException", "ValidationException"])
def test_what_would_fail_again_is_not_tried_again(comprehend: Script, code: str) -> None:
    comprehend.stubber.add_client_error("detect_entities_v2", code, "the text was: Jane Doe", 403)
    with pytest.raises(ExtractorUnavailable) as caught:
        comprehend.caller.call(comprehend.client.detect_entities_v2, Text="Jane Doe")
    assert "Jane" not in str(caught.value)
    assert comprehend.waits == []


def test_a_text_that_is_refused_concerns_this_text_alone(comprehend: Script) -> None:
    comprehend.stubber.add_client_error("detect_entities_v2", "TextSizeLimitExceededException", "", 400)
    with pytest.raises(TextRefused):
        comprehend.caller.call(comprehend.client.detect_entities_v2, Text="x")


def test_without_credentials_there_is_no_second_try() -> None:
    def fail(**_: object) -> None:
        raise NoCredentialsError

    with pytest.raises(ExtractorUnavailable, match="NoCredentialsError"):
        Caller(sleep=lambda _: pytest.fail("waited")).call(fail)
