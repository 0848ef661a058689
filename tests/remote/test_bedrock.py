"""A model's quotations as our records; requests and answers are checked against the model of the service."""

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from tests.remote.conftest import Script

from hctap_core.entities import Entity
from hctap_core.errors import LlmReplyUnusable, NoteRefused
from hctap_nlp.extraction import usage_of
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_remote.bedrock import MOST_TOKENS, BedrockExtractor
from hctap_remote.metering import Account
from hctap_remote.prices import load_prices
from hctap_remote.prompting import load_prompt

MODEL = "anthropic.claude-haiku-4-5-20251001-v1:0"
TEXT = "Mother had gout. Café 😀: denies fever, then fever again.\nLisinopril 10 mg daily for hypertension."


def quote(text: str, kind: str, **flags: Any) -> dict[str, Any]:
    plain = dict.fromkeys(("negated", "uncertain", "historical", "hypothetical", "family"), False)
    return {"text": text, "type": kind, **plain, "confidence": 0.8, **flags}


def reply(content: object, stop: str = "tool_use", tokens: tuple[int, int] = (1000, 200)) -> dict[str, Any]:
    use = {"toolUseId": "t1", "name": "record_entities", "input": content}
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": "Here."}, {"toolUse": use}]}},
        "stopReason": stop,
        "usage": {"inputTokens": tokens[0], "outputTokens": tokens[1], "totalTokens": sum(tokens)},
        "metrics": {"latencyMs": 10},
    }


def make(script: Script, reader: RulesExtractor, limit: float | None = None) -> tuple[BedrockExtractor, Account]:
    account = Account(limit)
    return BedrockExtractor(script.client, MODEL, load_prices(), account, reader, script.caller), account


def test_quotations_become_records_with_codes_of_the_vocabulary(bedrock: Script, reader: RulesExtractor) -> None:
    quoted = [
        quote("gout", "PROBLEM", family=True),
        quote("fever", "PROBLEM", negated=True),
        quote("fever", "PROBLEM"),
        quote("Lisinopril", "MEDICATION"),
        quote("hypertension", "PROBLEM"),
        quote("high blood pressure", "PROBLEM"),
    ]
    expected = load_prompt().request(MODEL, TEXT, MOST_TOKENS)
    bedrock.stubber.add_response("converse", reply({"entities": quoted}), expected)
    extractor, account = make(bedrock, reader)
    extraction = extractor.extract(TEXT)
    records = extraction.entity_records("n", "r")
    for record in records:
        Entity.model_validate(record)
        assert TEXT[record["begin"] : record["end"]] == record["text"]
    assert [(r["text"], r["assertion"]["negated"], r["assertion"]["family"]) for r in records] == [
        ("gout", False, True), ("fever", True, False), ("fever", False, False),
        ("Lisinopril", False, False), ("hypertension", False, False),
    ]  # fmt: skip
    assert {a["type"] for a in records[3]["attributes"]} == {"STRENGTH", "FREQUENCY"}
    assert records[4]["codes"][0]["code"] == "I10"
    assert records[0]["provenance"]["source"] == f"bedrock:{MODEL}"
    assert records[0]["score"] == 0.8
    usage = extraction.usage
    assert usage is not None
    assert (usage.requests, usage.input_tokens, usage.output_tokens, usage.dropped) == (1, 1000, 200, 1)
    assert account.spent == usage.cost_usd == pytest.approx(0.001 + 0.001)


@pytest.mark.parametrize("content", [{"entities": [{"text": "gout"}]}, {"entities": [quote("x", "DISEASE")]}, {}])
def test_a_reply_that_breaks_the_schema_is_asked_for_once_more(
    bedrock: Script, reader: RulesExtractor, content: object
) -> None:
    for _ in range(2):
        bedrock.stubber.add_response("converse", reply(content))
    extractor, account = make(bedrock, reader)
    with pytest.raises(LlmReplyUnusable):
        extractor.extract(TEXT)
    assert account.spent > 0.003
    bedrock.stubber.assert_no_pending_responses()


def test_a_second_reply_may_be_usable(bedrock: Script, reader: RulesExtractor) -> None:
    refusal = reply({}) | {"output": {"message": {"role": "assistant", "content": [{"text": "I cannot."}]}}}
    bedrock.stubber.add_response("converse", refusal)
    bedrock.stubber.add_response("converse", reply({"entities": [quote("gout", "PROBLEM")]}))
    extraction = make(bedrock, reader)[0].extract(TEXT)
    assert [mention.norm for mention in extraction.mentions] == ["gout"]
    assert extraction.usage is not None
    assert extraction.usage.requests == 2


def test_a_passage_too_dense_for_one_reply_is_halved(bedrock: Script, reader: RulesExtractor) -> None:
    text = "Fever. " + "Nothing else is said here. " * 250 + "Gout."
    bedrock.stubber.add_response("converse", reply({"entities": []}, stop="max_tokens"))
    bedrock.stubber.add_response("converse", reply({"entities": [quote("Fever", "PROBLEM")]}))
    bedrock.stubber.add_response("converse", reply({"entities": [quote("Gout", "PROBLEM")]}))
    extraction = make(bedrock, reader)[0].extract(text)
    assert [(m.begin, text[m.begin : m.end]) for m in extraction.mentions] == [(0, "Fever"), (len(text) - 5, "Gout")]
    assert extraction.usage is not None
    assert (extraction.usage.requests, extraction.usage.dropped) == (3, 0)
    bedrock.stubber.assert_no_pending_responses()


def test_a_passage_that_cannot_be_halved_fails(bedrock: Script, reader: RulesExtractor) -> None:
    bedrock.stubber.add_response("converse", reply({"entities": []}, stop="max_tokens"))
    with pytest.raises(LlmReplyUnusable):
        make(bedrock, reader)[0].extract(TEXT)


def test_nothing_is_asked_beyond_the_limit(bedrock: Script, reader: RulesExtractor) -> None:
    extractor, account = make(bedrock, reader, limit=0.04)
    with pytest.raises(NoteRefused):
        extractor.extract(TEXT)
    assert account.spent == 0


def test_a_request_that_is_made_anew_after_a_lost_answer_counts_twice(bedrock: Script, reader: RulesExtractor) -> None:
    lost = [ReadTimeoutError(endpoint_url="https://nowhere")]

    def lose(**_: Any) -> None:
        if lost:
            raise lost.pop()

    bedrock.client.meta.events.register_first("before-call.*.*", lose)
    bedrock.stubber.add_response("converse", reply({"entities": []}))
    extractor, account = make(bedrock, reader, limit=0.1)
    usage = extractor.extract(TEXT).usage
    assert usage is not None
    assert (usage.requests, bedrock.waits) == (2, [0.5])
    assert account.spent == usage.cost_usd > 0.04


def test_the_second_window_of_a_note_may_be_beyond_the_limit(bedrock: Script, reader: RulesExtractor) -> None:
    bedrock.stubber.add_response("converse", reply({"entities": []}, tokens=(10_000, 8_000)))
    extractor, _ = make(bedrock, reader, limit=0.06)
    with pytest.raises(NoteRefused) as caught:
        extractor.extract("Nothing is said here. " * 700)
    usage = usage_of(caught.value)
    assert usage is not None
    assert (usage.requests, usage.input_tokens, usage.output_tokens) == (1, 10_000, 8_000)


def test_the_prompt_and_the_model_are_part_of_the_settings(bedrock: Script, reader: RulesExtractor) -> None:
    extractor, _ = make(bedrock, reader)
    assert extractor.settings["model"] == MODEL
    assert extractor.settings["prompt"].startswith("entities-1+")
