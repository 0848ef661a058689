"""What a text says, as JSON in one pass: the bytes of its record, without the record between.

Lists of codes come again in text after text and are rendered once, unless a reason in them may say words of the text.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from json.encoder import encode_basestring as quote
from typing import Final

from pydantic_core import to_json

from hctap_core.code_reasons import is_of_vocabulary
from hctap_core.entities import ENTITY_SCHEMA_VERSION, Assertion
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, Mention
from hctap_nlp.vocabulary.artefact import Code

_ASSERTIONS: Final = tuple(Assertion.model_fields)
_NOTHING: Final = (False,) * len(_ASSERTIONS)
_OPENING: Final = f'{{"schema_version":{ENTITY_SCHEMA_VERSION},"entity_type":'
# Some hundred bytes each.
_KEPT: Final = 20_000


def render(text_id: str, extraction: Extraction) -> bytes:
    """`extraction.record(text_id)` as JSON in UTF-8.

    Raises:
        UnicodeEncodeError: If the text holds lone surrogates.
    """
    text = extraction.text
    origin = f'"provenance":{{"extractor":{quote(extraction.extractor)},"version":{quote(extraction.version)},"method":'
    entities = ",".join([_entity(mention, text, origin) for mention in extraction.mentions])
    sections = to_json(extraction.section_records()).decode()
    return f'{{"id":{quote(text_id)},"entities":[{entities}],"sections":{sections}}}'.encode()


def _entity(mention: Mention, text: str, origin: str) -> str:
    begin, end = mention.begin, mention.end
    attributes = ",".join([_attribute(one, text) for one in mention.attributes]) if mention.attributes else ""
    cues = ",".join([_cue(one, text) for one in mention.cues]) if mention.cues else ""
    return (
        f'{_OPENING}"{mention.type}","text":{quote(text[begin:end])},"norm_text":{quote(mention.norm)},"begin":{begin},'
        f'"end":{end},"score":{mention.score},"section":{quote(mention.section)},{_assertion(_flags(mention.assertion))},'
        f'"codes":[{_codes(mention.codes)}],"attributes":[{attributes}],{origin}{quote(mention.method)},'
        f'"source":{quote(mention.source)},"cues":[{cues}]}}}}'
    )


def _flags(assertion: Mapping[str, bool]) -> tuple[bool, ...]:
    return tuple([assertion.get(name, False) for name in _ASSERTIONS]) if assertion else _NOTHING


@cache
def _assertion(flags: tuple[bool, ...]) -> str:
    said = zip(_ASSERTIONS, flags, strict=True)
    return '"assertion":{' + ",".join(f'"{name}":{"true" if flag else "false"}' for name, flag in said) + "}"


def _codes(codes: tuple[Code, ...]) -> str:
    if not codes:
        return ""
    return _listed(codes) if all(is_of_vocabulary(reason) for *_, reason, _ in codes) else _list(codes)


@lru_cache(_KEPT)
def _listed(codes: tuple[Code, ...]) -> str:
    return _list(codes)


def _list(codes: tuple[Code, ...]) -> str:
    return ",".join(
        f'{{"system":{quote(system)},"code":{quote(code)},"display":{quote(display)},"score":{score},'
        f'"release":{quote(release)},"reason":{quote(reason)}}}'
        for system, code, display, release, reason, score in codes
    )


def _attribute(found: FoundAttribute, text: str) -> str:
    begin, end = found.begin, found.end
    norm = "null" if found.norm is None else quote(found.norm)
    return f'{{"type":"{found.type}","text":{quote(text[begin:end])},"begin":{begin},"end":{end},"norm":{norm}}}'


def _cue(cue: FoundCue, text: str) -> str:
    begin, end = ("null", "null") if cue.scope is None else cue.scope
    return (
        f'{{"attribute":"{cue.attribute}","text":{quote(text[cue.begin : cue.end])},"begin":{cue.begin},'
        f'"end":{cue.end},"rule":{quote(cue.rule)},"scope_begin":{begin},"scope_end":{end}}}'
    )
