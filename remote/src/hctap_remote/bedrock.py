"""The extractor `bedrock`: a language model of Amazon Bedrock quotes the mentions, the engine reads the rest.

The model says what is mentioned and how it is asserted; every quotation is found in the text or dropped and counted.
Codes and attributes come from the vocabulary and the engine, never from the model. Not measured: it was never run
against the live service, only against the shapes of the service's model.
"""

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from hctap_core.errors import LlmReplyUnusable
from hctap_nlp.extraction import Extraction, FoundCue, Mention, ScoredSpan, Usage
from hctap_nlp.extractors import SpanReader
from hctap_remote.calls import Caller
from hctap_remote.metering import Account
from hctap_remote.placing import Aligner
from hctap_remote.prices import Prices
from hctap_remote.prompting import Prompt, Quoted, load_prompt, read_reply
from hctap_remote.windows import Window, cut_windows

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

MOST_BYTES: Final = 12_000
FEWEST_BYTES: Final = 2_000
OVERLAP: Final = 400
MOST_TOKENS: Final = 8_192
# What a service adds to a request in its own words, by a wide margin; a token is at least one byte.
_FRAME_TOKENS: Final = 1_000
_TRIES_OF_A_REPLY: Final = 2
_FLAGS: Final = ("negated", "uncertain", "historical", "hypothetical", "family")

Placed = dict[tuple[int, int], Quoted]


class BedrockExtractor:
    """Sends each text, in windows, to a model, and places what it quotes."""

    name = "bedrock"

    def __init__(
        self,
        client: "BedrockRuntimeClient",
        model: str,
        prices: Prices,
        account: Account,
        reader: SpanReader,
        caller: Caller | None = None,
        prompt: Prompt | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._prices = prices
        self._account = account
        self._reader = reader
        self._caller = caller or Caller()
        self._prompt = prompt or load_prompt()
        self.version = metadata.version("hctap-remote")
        self.vocabulary_hash = reader.vocabulary_hash
        self.model_hash: str | None = model
        self.settings = {"model": model, "prompt": self._prompt.id}

    def extract(self, text: str) -> Extraction:
        """The mentions and sections of a text, in text order.

        Raises:
            NoteRefused: If the account's limit could be passed.
            LlmReplyUnusable: If the model does not reply as it was asked to.
            ExtractorUnavailable: If the service does not answer.
        """
        with self._account.open_note():
            return self._extract(text)

    def _extract(self, text: str) -> Extraction:
        placed: Placed = {}
        for window in cut_windows(text, MOST_BYTES, OVERLAP):
            self._read(text, window, placed)
        spans = sorted(placed)
        given = [ScoredSpan(*span, placed[span].type.value, placed[span].confidence) for span in spans]
        extraction = self._reader.extract_given(text, given)
        for span, mention in zip(spans, extraction.mentions, strict=True):
            self._assert(mention, placed[span])
        usage = self._account.close_note()
        return Extraction(text, extraction.mentions, extraction.sections, self.name, self.version, usage=usage)

    def _read(self, text: str, window: Window, placed: Placed) -> None:
        quoted = self._ask(text[window.begin : window.end])
        if quoted is None:
            middle = _halves(text, window)
            for half in middle:
                self._read(text, half, placed)
            return
        aligner = Aligner(text, window)
        for quotation in quoted:
            span = aligner.find(quotation.text)
            if span is None:
                self._account.drop()
            elif span[1] > window.own:
                _keep_longest(placed, span, quotation)

    def _ask(self, passage: str) -> Sequence[Quoted] | None:
        """What the model quotes; None if the passage is too dense for one reply."""
        for attempt in range(1, _TRIES_OF_A_REPLY + 1):
            answer = self._request(passage)
            if answer["stopReason"] == "max_tokens":
                if len(passage.encode()) <= FEWEST_BYTES:
                    raise LlmReplyUnusable
                return None
            try:
                return read_reply(answer)
            except LlmReplyUnusable:
                if attempt == _TRIES_OF_A_REPLY:
                    raise
        raise AssertionError("the last try returns or raises")

    def _request(self, passage: str) -> Mapping[str, Any]:
        arguments = self._prompt.request(self._model, passage, MOST_TOKENS)
        most_in = len(passage.encode()) + self._prompt.size + _FRAME_TOKENS
        return self._caller.call(
            self._account.request,
            most=self._prices.of_tokens(self._model, most_in, MOST_TOKENS),
            ask=lambda: self._client.converse(**arguments),
            bill=self._bill,
        )

    def _bill(self, answer: Mapping[str, Any]) -> Usage:
        used = answer["usage"]
        cost = self._prices.of_tokens(self._model, used["inputTokens"], used["outputTokens"])
        return Usage(input_tokens=used["inputTokens"], output_tokens=used["outputTokens"], cost_usd=cost or 0.0)

    def _assert(self, mention: Mention, quoted: Quoted) -> None:
        mention.source = f"bedrock:{self._model}"
        mention.assertion = {flag: True for flag in _FLAGS if getattr(quoted, flag)}
        mention.cues = [FoundCue(flag, mention.begin, mention.begin, self._prompt.id) for flag in mention.assertion]


def _halves(text: str, window: Window) -> list[Window]:
    piece = text[window.begin : window.end]
    most = max(FEWEST_BYTES, len(piece.encode()) // 2 + 4 * OVERLAP)
    parts = cut_windows(piece, most, OVERLAP)
    return [
        Window(window.begin + part.begin, window.begin + part.end, max(window.own, window.begin + part.own))
        for part in parts
    ]


def _keep_longest(placed: Placed, span: tuple[int, int], quoted: Quoted) -> None:
    """Keep a mention unless one that overlaps it is at least as long: windows overlap, and models repeat themselves."""
    rivals = [other for other in placed if other[0] < span[1] and span[0] < other[1]]
    if all(other[1] - other[0] < span[1] - span[0] for other in rivals):
        for other in rivals:
            del placed[other]
        placed[span] = quoted
