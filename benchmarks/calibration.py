"""How often a mention by rule is right, by what found it: the table that the engine takes its scores from.

Right is a mention that overlaps a gold mention of its type (maximum one-to-one matching). A type counts in the corpora
that annotate it throughout. Each of these corpora counts the same, however long it is, and a source that found little
is drawn towards the share of its type.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.documents import Document, read_corpus
from benchmarks.materials import load_notes
from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_core.matching import Span, match_by_overlap
from hctap_nlp.extraction import Mention
from hctap_nlp.extractors import Extractor
from hctap_nlp.scores import ANY, GLUED, kind_of, shape_of

# Others leave out what they were not about: symptoms (NCBI disease), drugs but for the eye (glaucoma), all but
# reactions (PsyTAR); spans of NegEx were given.
CORPORA: Final = ("maccrobat2020", "chia", "bc5cdr")
# So many mentions with the share of their type are added to what a source found.
PRIOR: Final = 20
_ENTITY_TYPES: Final = frozenset(EntityType)

Key = tuple[str, str, str]  # source, shape, type


@dataclass(frozen=True, slots=True)
class Judged:
    """A mention by rule: what found it, its score, whether it is right, and in which corpus."""

    corpus: str
    key: Key
    score: float
    is_right: bool


def load_halves(data: Path, samples: Path, half: str) -> dict[str, list[Document]]:
    """The documents of one half (`train` or `dev`) of each corpus, by its name; for training also the samples.

    Raises:
        UnsupportedInput: Where a corpus is not there.
    """
    found = {"samples": load_notes(samples)} if half == "train" else {}
    for name in CORPORA:
        path = data / f"{name}.{half}.jsonl"
        if not path.is_file():
            raise UnsupportedInput(f"{path} is not there.", remedy="Give the folder with the corpora.")
        found[name] = read_corpus(path)
    return found


def judge(extractor: Extractor, corpora: Mapping[str, Sequence[Document]]) -> Iterator[Judged]:
    """Every mention by rule of a type that its corpus annotates."""
    for corpus, documents in corpora.items():
        types = {m.label for document in documents for m in document.mentions} & _ENTITY_TYPES
        for document in documents:
            mentions = [m for m in extractor.extract(document.text).mentions if m.type in types]
            gold = [Span(m.begin, m.end, m.label) for m in document.mentions if m.label in types]
            right = set(match_by_overlap(gold, [Span(m.begin, m.end, m.type) for m in mentions]).values())
            for number, mention in enumerate(mentions):
                shape = shape_of(" ".join(document.text[mention.begin : mention.end].split()))
                yield Judged(corpus, (_source(mention), shape, mention.type), mention.score, number in right)


def _source(mention: Mention) -> str:
    name = kind_of(mention.source, mention.type)
    return GLUED if mention.method == "rule" and name == "curated" else name


def shares_of(judged: Iterable[Judged]) -> dict[Key, tuple[float, int]]:
    """For each source (and `any`), shape and type the share of right mentions, and how many there were."""
    found: Counter[tuple[str, Key]] = Counter()
    right: Counter[tuple[str, Key]] = Counter()
    for one in judged:
        for source in (one.key[0], ANY):
            key = (source, *one.key[1:])
            found[one.corpus, key] += 1
            right[one.corpus, key] += one.is_right
    shares: dict[Key, tuple[float, int]] = {}
    for group in sorted({key[1:] for _, key in found}):
        everything = (ANY, *group)
        total = {corpus: found[corpus, everything] for corpus, key in found if key == everything}
        # Weights that make the corpora count the same.
        weight = {corpus: sum(total.values()) / len(total) / count for corpus, count in total.items()}
        mean = _share(everything, right, weight) / sum(total.values())
        for key in sorted(key for key in {key for _, key in found} if key[1:] == group):
            given = sum(found[corpus, key] for corpus in weight)
            good, seen = _share(key, right, weight), _share(key, found, weight)
            shares[key] = (mean if key == everything else (good + PRIOR * mean) / (seen + PRIOR), given)
    return shares


def _share(key: Key, counts: Mapping[tuple[str, Key], int], weight: Mapping[str, float]) -> float:
    return sum(weight[corpus] * counts.get((corpus, key), 0) for corpus in weight)


def render_shares(shares: Mapping[Key, tuple[float, int]], counts: Mapping[str, int], command: str) -> str:
    """The table as YAML, a source and shape a line."""
    lines = [
        "# The share of right mentions by rule, by what found them, `of` how many: the scores of mentions.",
        f"# Measured by `{command}` on the training halves of",
        f"# {', '.join(f'{name} ({count} texts)' for name, count in counts.items())}.",
        "# Right: overlaps a gold mention of its type. Corpora count the same; a source that found little is drawn",
        f"# towards `any` with the weight of {PRIOR} mentions. `short`: up to four characters, `word`: one word.",
        "",
        "shares:",
    ]
    for name in sorted({key[:2] for key in shares}, key=lambda one: (one[0] != ANY, one)):
        cells = (f"{key[2]}: {shares[key][0]:.2f} of {shares[key][1]}" for key in sorted(shares) if key[:2] == name)
        lines.append(f'  "{", ".join(name)}": {{{", ".join(cells)}}}')
    return "\n".join(lines) + "\n"


def reliability(judged: Iterable[Judged], edges: Sequence[float]) -> list[tuple[float, float, int]]:
    """For each bin of scores that begins at an edge: mean score, share right, mentions; empty bins are left out."""
    bins: dict[int, list[Judged]] = {}
    for one in judged:
        bins.setdefault(sum(one.score >= edge for edge in edges), []).append(one)
    return [
        (sum(o.score for o in held) / len(held), sum(o.is_right for o in held) / len(held), len(held))
        for _, held in sorted(bins.items())
    ]


def calibration_error(bins: Iterable[tuple[float, float, int]]) -> float:
    """The mean distance of score and share right, each bin with the weight of its mentions."""
    held = list(bins)
    return sum(abs(score - share) * count for score, share, count in held) / sum(count for _, _, count in held)
