"""The extractor `comprehend`: Amazon Comprehend Medical's entities, with its codes from ICD-10-CM and RxNorm.

Not measured: it was never run against the live service, only against the shapes of the service's model.
"""

from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hctap_core.code_reasons import CodeGround
from hctap_core.entities import AttributeType, CodeSystem, EntityType
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, FoundSection, Mention, Usage
from hctap_nlp.sections import SectionFinder, section_at
from hctap_remote.calls import Caller
from hctap_remote.metering import Account
from hctap_remote.placing import place
from hctap_remote.prices import Prices, units_of
from hctap_remote.windows import Window, cut_windows

if TYPE_CHECKING:
    from mypy_boto3_comprehendmedical import ComprehendMedicalClient

# The limits of the service: https://docs.aws.amazon.com/comprehend-medical/latest/dev/comprehendmedical-quotas.html
MOST_BYTES: Final = 20_000
MOST_BYTES_LINKING: Final = 10_000
OVERLAP: Final = 400
_MOST_CODES: Final = 5

_TYPES: Final = {
    ("MEDICATION", "BRAND_NAME"): EntityType.MEDICATION,
    ("MEDICATION", "GENERIC_NAME"): EntityType.MEDICATION,
    ("MEDICAL_CONDITION", "DX_NAME"): EntityType.PROBLEM,
    ("TEST_TREATMENT_PROCEDURE", "TEST_NAME"): EntityType.TEST,
    ("TEST_TREATMENT_PROCEDURE", "PROCEDURE_NAME"): EntityType.PROCEDURE,
    ("TEST_TREATMENT_PROCEDURE", "TREATMENT_NAME"): EntityType.PROCEDURE,
    ("ANATOMY", "SYSTEM_ORGAN_SITE"): EntityType.ANATOMY,
}
_ATTRIBUTES: Final = {
    "DOSAGE": AttributeType.DOSE,
    "DURATION": AttributeType.DURATION,
    "FORM": AttributeType.FORM,
    "FREQUENCY": AttributeType.FREQUENCY,
    "ROUTE_OR_MODE": AttributeType.ROUTE,
    "STRENGTH": AttributeType.STRENGTH,
    "TEST_VALUE": AttributeType.VALUE,
    "TEST_UNIT": AttributeType.UNIT,
    "TEST_UNITS": AttributeType.UNIT,
}
_TRAITS: Final = {
    "NEGATION": "negated",
    "LOW_CONFIDENCE": "uncertain",
    "PAST_HISTORY": "historical",
    "HYPOTHETICAL": "hypothetical",
    "FUTURE": "hypothetical",
    "PERTAINS_TO_FAMILY": "family",
}


class _Linker(NamedTuple):
    """An operation that gives codes, where its concepts stand, and to which entities they belong."""

    operation: str
    concepts: str
    system: CodeSystem
    type: EntityType


_LINKERS: Final = (
    _Linker("InferICD10CM", "ICD10CMConcepts", CodeSystem.ICD_10_CM, EntityType.PROBLEM),
    _Linker("InferRxNorm", "RxNormConcepts", CodeSystem.RXNORM, EntityType.MEDICATION),
)


class ComprehendExtractor:
    """Sends each text, in windows, to three operations of Comprehend Medical."""

    name = "comprehend"
    vocabulary_hash: str | None = None
    model_hash: str | None = None

    def __init__(
        self,
        client: "ComprehendMedicalClient",
        prices: Prices,
        account: Account,
        sections: SectionFinder,
        caller: Caller | None = None,
    ) -> None:
        self._client = client
        self._prices = prices
        self._account = account
        self._sections = sections
        self._caller = caller or Caller()
        self.version = metadata.version("hctap-remote")
        # The service does not let a caller choose its model, so the same pipeline may give other answers another day.
        self.settings = {"operations": "DetectEntitiesV2,InferICD10CM,InferRxNorm"}

    def extract(self, text: str) -> Extraction:
        """The mentions and sections of a text, in text order.

        Raises:
            NoteRefused: If the account's limit could be passed.
            TextRefused: If the service does not take the text.
            ExtractorUnavailable: If the service does not answer.
        """
        with self._account.open_note():
            return self._extract(text)

    def _extract(self, text: str) -> Extraction:
        sections = self._sections.find(text)
        mentions = self._mentions(text, sections)
        for linker in _LINKERS:
            if any(mention.type == linker.type for mention in mentions):
                self._link(text, mentions, linker)
        return Extraction(text, tuple(mentions), sections, self.name, self.version, usage=self._account.close_note())

    def _mentions(self, text: str, sections: Sequence[FoundSection]) -> list[Mention]:
        found: list[Mention] = []
        for window in cut_windows(text, MOST_BYTES, OVERLAP):
            answer = self._ask("DetectEntitiesV2", text, window)
            for entity in answer["Entities"]:
                mention = self._mention(text, window, entity, answer["ModelVersion"])
                if mention is not None and mention.end > window.own:
                    _keep_longest(found, mention)
        for mention in found:
            section = section_at(sections, mention.begin)
            mention.section = section.type if section else mention.section
        return sorted(found, key=lambda mention: (mention.begin, mention.end))

    def _mention(self, text: str, window: Window, entity: dict[str, Any], version: str) -> Mention | None:
        kind = _TYPES.get((entity["Category"], entity["Type"]))
        if kind is None:
            return None
        span = self._place(text, window, entity)
        if span is None:
            return None
        norm = " ".join(text[slice(*span)].lower().split())
        mention = Mention(kind.value, *span, norm, round(entity["Score"], 4), "model", f"comprehend-medical:{version}")
        for trait in entity.get("Traits", ()):
            if attribute := _TRAITS.get(trait["Name"]):
                mention.assertion[attribute] = True
                mention.cues.append(FoundCue(attribute, span[0], span[0], f"comprehend-medical.{trait['Name']}"))
        for part in entity.get("Attributes", ()):
            place_of_part = self._place(text, window, part) if part["Type"] in _ATTRIBUTES else None
            if place_of_part is not None:
                mention.attributes.append(FoundAttribute(_ATTRIBUTES[part["Type"]].value, *place_of_part))
        mention.attributes.sort(key=lambda part: (part.begin, part.end))
        return mention

    def _link(self, text: str, mentions: Sequence[Mention], linker: _Linker) -> None:
        for window in cut_windows(text, MOST_BYTES_LINKING, OVERLAP):
            answer = self._ask(linker.operation, text, window)
            release = answer.get("ModelVersion", "")
            for entity in answer["Entities"]:
                codes = _codes(entity.get(linker.concepts, ()), linker.system, release)
                span = self._place(text, window, entity) if codes else None
                if span is None:
                    continue
                for mention in mentions:
                    is_same = mention.begin < span[1] and span[0] < mention.end
                    if mention.type == linker.type and is_same and not mention.codes:
                        mention.codes = codes

    def _ask(self, operation: str, text: str, window: Window) -> dict[str, Any]:
        piece = text[window.begin : window.end]
        units = units_of(piece)
        cost = self._prices.of_units(operation, units)
        method = getattr(self._client, _METHODS[operation])
        return self._caller.call(
            self._account.request,
            most=cost,
            ask=lambda: dict(method(Text=piece)),
            bill=lambda _: Usage(units=units, cost_usd=cost or 0.0),
        )

    def _place(self, text: str, window: Window, found: dict[str, Any]) -> tuple[int, int] | None:
        span = place(text, window, found["BeginOffset"], found["EndOffset"], found.get("Text"))
        if span is None:
            self._account.drop()
        return span


_METHODS: Final = {
    "DetectEntitiesV2": "detect_entities_v2",
    "InferICD10CM": "infer_icd10_cm",
    "InferRxNorm": "infer_rx_norm",
}


def _codes(
    concepts: Iterable[dict[str, Any]], system: CodeSystem, release: str
) -> tuple[tuple[str, str, str, str, str, float], ...]:
    ranked = sorted(concepts, key=lambda concept: -concept.get("Score", 0.0))[:_MOST_CODES]
    return tuple(
        (
            system.value, concept["Code"], concept.get("Description", ""), release,
            CodeGround.SERVICE.value, round(min(1.0, max(0.0, concept.get("Score", 0.0))), 4),
        )
        for concept in ranked
    )  # fmt: skip


def _keep_longest(found: list[Mention], mention: Mention) -> None:
    """Add a mention that the window before may have given too, or cut."""
    for place_in_list, other in enumerate(found):
        if other.type == mention.type and other.begin < mention.end and mention.begin < other.end:
            if mention.end - mention.begin > other.end - other.begin:
                found[place_in_list] = mention
            return
    found.append(mention)
