"""What a tagger sees of a token: its letters, its neighbours, and what the vocabulary says of it."""

import re
from collections.abc import Mapping, Sequence

from hctap_nlp.matching import Hit, Matcher
from hctap_nlp.shadow import Shadow
from hctap_nlp.statistical.tokens import Token
from hctap_nlp.vocabulary.artefact import Concept, is_own

_RUN = re.compile(r"(.)\1+")
_LONGEST_SHAPE = 8
_LIKE_IMPORTS = {"PROBLEM": "mes", "MEDICATION": "dru"}

VocabularyTags = Mapping[int, tuple[int, str]]


def vocabulary_tags(shadow: Shadow, hits: Sequence[Hit], matcher: Matcher) -> dict[int, tuple[int, str]]:
    """Text offset to the end and the tag (type and source) of the term that begins there."""
    tags = {}
    for begin, end, number in hits:
        concept = matcher.concept(number)
        tags[shadow.begin_of(begin)] = (shadow.end_of(end), f"{concept.type[:4]}{_known_source(concept)}")
    return tags


def _known_source(concept: Concept) -> str:
    """The source as the taggers know it: a user's row as a curated one, an import as the library most like it."""
    if concept.source.startswith("import:"):
        return _LIKE_IMPORTS.get(concept.type, "cur")
    return "cur" if is_own(concept.source) else concept.source[:3]


def features_of(sentence: Sequence[Token], tags: VocabularyTags) -> list[list[str]]:
    """One list of features a token."""
    said = _tags_of(sentence, tags)
    low = [token.text.lower() for token in sentence]
    last = len(sentence) - 1
    rows = []
    for i, token in enumerate(sentence):
        word, tag = low[i], said[i]
        row = [
            "w=" + word, "s2=" + word[-2:], "s3=" + word[-3:], "s4=" + word[-4:],
            "p3=" + word[:3], "p4=" + word[:4], "sh=" + _shape(token.text), "d=" + tag,
        ]  # fmt: skip
        if i:
            before = low[i - 1]
            row += ["-w=" + before, "-d=" + said[i - 1], "-s3=" + before[-3:], f"ww={before}|{word}"]
        else:
            row.append("BOS")
        if i < last:
            after = low[i + 1]
            row += ["+w=" + after, "+d=" + said[i + 1], "+s3=" + after[-3:]]
        else:
            row.append("EOS")
        if i > 1:
            row += ["--w=" + low[i - 2], "--d=" + said[i - 2]]
        if i < last - 1:
            row += ["++w=" + low[i + 2], "++d=" + said[i + 2]]
        row.append(f"d3={said[i - 1] if i else ''}|{tag}|{said[i + 1] if i < last else ''}")
        rows.append(row)
    return rows


def _tags_of(sentence: Sequence[Token], tags: VocabularyTags) -> list[str]:
    said = []
    reach, kind = -1, ""
    for token in sentence:
        if token.begin in tags:
            reach, tag = tags[token.begin]
            kind = tag[:4]
            said.append("B-" + tag)
        else:
            said.append("I-" + kind if token.begin < reach else "O")
    return said


def _shape(word: str) -> str:
    shape = "".join("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word)
    return _RUN.sub(r"\1\1", shape)[:_LONGEST_SHAPE]
