"""A model that has not seen what is scored: trained by the shipped plan without the scored files."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from hctap_core.errors import UnsupportedInput
from hctap_nlp.matching import Matcher
from hctap_nlp.statistical.card import CARD, shipped_folder
from hctap_nlp.statistical.plan import read_plan
from hctap_nlp.statistical.training import train_model
from hctap_nlp.vocabulary.artefact import Compiled, terms_hash

Progress = Callable[[str, int, int], None]


def train_without(
    scored: Iterable[str], folders: Iterable[Path], vocabulary: Compiled, home: Path, progress: Progress
) -> Path:
    """The folder of the model; it is trained again only where the plan, the terms or the left-out files changed.

    Raises:
        UnsupportedInput: Where a file of the plan is in none of the folders.
    """
    plan = Path(str(shipped_folder().joinpath("plan.yaml")))
    content = plan.read_bytes()
    named = {name for row in yaml.safe_load(content)["corpora"] for name in row["files"]}
    left_out = named & set(scored)
    places = {path.name: path for folder in folders for path in sorted(folder.rglob("*.jsonl")) if path.name in named}
    if missing := sorted(named - left_out - places.keys()):
        raise UnsupportedInput(
            f"To train a model without what is scored, {missing[0]} is missing.",
            remedy="Give its folder with TEXTS=, or a model with MODEL=folder; MODEL=shipped has seen what is scored.",
        )
    facts = (content, terms_hash(vocabulary).encode(), *(name.encode() for name in sorted(left_out)))
    folder = home / f"model-{hashlib.sha256(b'|'.join(facts)).hexdigest()[:16]}"
    if not (folder / CARD).is_file():
        data = home / "training"
        data.mkdir(parents=True, exist_ok=True)
        for name in named - left_out:
            link = data / name
            link.unlink(missing_ok=True)
            link.symlink_to(places[name].resolve())
        trained = read_plan(plan, data, leave_out=frozenset(left_out))
        train_model(trained, Matcher(vocabulary), terms_hash(vocabulary), folder, progress)
    return folder
