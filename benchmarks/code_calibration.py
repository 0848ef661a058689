"""How often a code at first place is right, by the last step of its reason: the table of `code_scores.yaml`.

ICD-10-CM codes are judged on `samples/dev` and the phrases of `samples/codes/dev.yaml`. A reason that was given
seldom is drawn towards the share of its system.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from benchmarks.documents import Document
from benchmarks.materials import load_notes
from hctap_core.code_reasons import kind_of
from hctap_core.matching import Span, match_by_overlap
from hctap_nlp.code_scores import ANY
from hctap_nlp.extractors import Extractor

# So many codes with the share of their system are added to what a reason gave.
PRIOR: Final = 20


class Judged(NamedTuple):
    """A first code: its system, the kind of its reason, and whether it is right."""

    system: str
    kind: str
    is_right: bool


def judge_documents(extractor: Extractor, documents: Iterable[Document], system: str) -> Iterator[Judged]:
    """The first code of each mention that meets a gold mention with a code of the system."""
    for document in documents:
        found = extractor.extract(document.text).mentions
        gold = [m for m in document.mentions if any(code.startswith(f"{system}:") for code in m.codes)]
        pairs = match_by_overlap(
            [Span(m.begin, m.end, m.label) for m in gold], [Span(m.begin, m.end, m.type) for m in found]
        )
        for index, other in pairs.items():
            wanted = {part for code in gold[index].codes for part in code.partition(":")[2].split("|")}
            first = next((code for code in found[other].codes if code[0] == system), None)
            if first is not None:
                yield Judged(system, kind_of(first[4]), first[1] in wanted)


def judge_phrases(extractor: Extractor, path: Path) -> Iterator[Judged]:
    """The first ICD-10-CM code of the longest problem in each phrase of a file of `samples/codes`."""
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        problems = [m for m in extractor.extract(row["text"]).mentions if m.type == "PROBLEM"]
        longest = max(problems, key=lambda m: (m.end - m.begin, -m.begin), default=None)
        first = next((code for code in longest.codes if code[0] == "ICD-10-CM"), None) if longest else None
        if first is not None:
            yield Judged(first[0], kind_of(first[4]), first[1] in row["icd"])


def judge_all(extractor: Extractor, samples: Path) -> Iterator[Judged]:
    """Every first code that the samples can judge."""
    yield from judge_documents(extractor, load_notes(samples / "dev"), "ICD-10-CM")
    yield from judge_phrases(extractor, samples / "codes" / "dev.yaml")


def code_shares(judged: Iterable[Judged]) -> dict[tuple[str, str], tuple[float, int]]:
    """For each kind (and `any`) and system the share of right codes, and how many there were."""
    found: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for one in judged:
        for kind in (one.kind, ANY):
            found[kind, one.system] += 1
            right[kind, one.system] += one.is_right
    means = {system: right[ANY, system] / count for (kind, system), count in found.items() if kind == ANY}
    return {
        (kind, system): (
            means[system] if kind == ANY else (right[kind, system] + PRIOR * means[system]) / (count + PRIOR),
            count,
        )
        for (kind, system), count in found.items()
    }


def render_code_shares(shares: Mapping[tuple[str, str], tuple[float, int]], command: str) -> str:
    """The table as YAML, a kind of reason a line."""
    lines = [
        "# The share of right codes at first place by the last step of their reason, `of` how many: scores of codes.",
        f"# Measured by `{command}` on samples/dev and samples/codes/dev.yaml.",
        f"# A reason that was given seldom is drawn towards `any` with the weight of {PRIOR} codes; one that was not",
        "# measured counts as `any`, and other systems as ICD-10-CM.",
        "",
        "shares:",
    ]
    for kind in sorted({kind for kind, _ in shares}, key=lambda one: (one != ANY, one)):
        cells = (f"{key[1]}: {shares[key][0]:.2f} of {shares[key][1]}" for key in sorted(shares) if key[0] == kind)
        lines.append(f"  {kind}: {{{', '.join(cells)}}}")
    return "\n".join(lines) + "\n"
