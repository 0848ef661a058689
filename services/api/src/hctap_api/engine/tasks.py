"""What a worker process does: each function runs there, on the engine that the process holds.

Answers leave as JSON, rendered here and not on the event loop.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, Final

from pydantic_core import to_json

from hctap_api.engine.rendering import render
from hctap_core.errors import BadInput, ExtractorUnavailable
from hctap_core.extractions import ExtractOptions
from hctap_nlp.extractors import DEFAULT_EXTRACTOR, EXTRACTORS, SpanReader, make_extractor
from hctap_nlp.reasons import reasons_of
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.build import ensure
from hctap_nlp.vocabulary.lookup import Lookup
from hctap_nlp.vocabulary.own.overlay import with_own_terms

_ALL: Final = ExtractOptions()
_State = tuple[tuple[str, int, int], ...]


@dataclass
class Engine:
    """The vocabulary of this process, and the extractors over it that were asked for."""

    vocabulary_folder: Path
    terms: Path | None
    base: Compiled | None = None
    lookup: Lookup | None = None
    vocabulary: Compiled | None = None
    extractors: dict[str, SpanReader] = field(default_factory=dict)
    _read_at: _State | None = None

    def refresh(self) -> None:
        """Load what is not loaded, and the user's own terms again where a file of theirs has changed.

        Raises:
            ExtractorUnavailable: Where the vocabulary or one of the user's rows cannot be used.
        """
        state = _state_of(self.terms)
        if self.vocabulary is not None and state == self._read_at:
            return
        self.base = self.base or ensure(self.vocabulary_folder)
        try:
            self.vocabulary = with_own_terms(self.base, self.terms)
        except BadInput as error:
            raise ExtractorUnavailable(error.message, remedy=error.remedy) from None
        self.lookup, self._read_at = Lookup(self.vocabulary), state
        self.extractors.clear()

    def extractor(self, name: str) -> SpanReader:
        """The extractor of that name, loaded once."""
        self.refresh()
        if name not in self.extractors and self.vocabulary is not None:
            self.extractors[name] = make_extractor(name, self.vocabulary)
        return self.extractors[name]


_engines: list[Engine] = []


def prepare(vocabulary_folder: Path, terms: Path | None) -> None:
    """Make the engine of this process; it ends with the process that started it, however that one ends."""
    _engines[:] = [Engine(vocabulary_folder, terms)]
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def warm() -> int:
    """Load the default extractor; says the number of the process."""
    _engine().extractor(DEFAULT_EXTRACTOR)
    return os.getpid()


def extract(text_id: str, text: str, extractor: str, *, explain: bool, options: ExtractOptions) -> bytes:
    """What a text says, as JSON."""
    if not explain and options == _ALL:
        return render(text_id, _engine().extractor(extractor).extract(text))
    return to_json(find(text_id, text, extractor, explain=explain, options=options))


def find(text_id: str, text: str, extractor: str, *, explain: bool, options: ExtractOptions) -> dict[str, Any]:
    """What a text says, as a record."""
    record = _engine().extractor(extractor).extract(text).record(text_id)
    if options.entity_types is not None or options.min_score > 0:
        wanted = set(options.entity_types or ())
        record["entities"] = [
            entity
            for entity in record["entities"]
            if entity["score"] >= options.min_score
            and (options.entity_types is None or entity["entity_type"] in wanted)
        ]
    if not options.sections:
        record["sections"] = []
    if explain:
        for entity in record["entities"]:
            entity["reasons"] = [{"about": about, "says": says} for about, says in reasons_of(text, entity)]
    return record


def describe_vocabulary() -> bytes:
    """What the vocabulary is made of, as JSON."""
    return to_json(_lookup().describe())


def find_code(system: str, code: str) -> bytes | None:
    """What a code means, as JSON; None where nothing knows it."""
    found = _lookup().code(system, code)
    return None if found is None else to_json(found)


def search_terms(words: str, kind: str | None, limit: int) -> bytes:
    """Terms that hold the words, as JSON."""
    return to_json({"terms": _lookup().search(words, kind, limit)})


def describe_models() -> bytes:
    """The extractors and the models that ship with the engine, as JSON."""
    from hctap_nlp.statistical.model import load_model

    model = load_model()
    card = model.card
    record = {
        "extractors": EXTRACTORS,
        "default_extractor": DEFAULT_EXTRACTOR,
        "version": metadata.version("hctap-nlp"),
        "hash": model.hash,
        "models": [{name: plan[name] for name in ("name", "genre", "labels", "corpora")} for plan in card["plans"]],
        "corpora": card["corpora"],
        "files": [{"name": name, **facts} for name, facts in sorted(card["files"].items())],
    }
    return to_json(record)


def _engine() -> Engine:
    return _engines[0]


def _lookup() -> Lookup:
    engine = _engine()
    engine.refresh()
    if engine.lookup is None:
        raise ExtractorUnavailable
    return engine.lookup


def _state_of(terms: Path | None) -> _State:
    if terms is None or not terms.is_dir():
        return ()
    files = sorted(path for path in terms.iterdir() if path.suffix in (".yaml", ".yml"))
    return tuple((path.name, (facts := path.stat()).st_mtime_ns, facts.st_size) for path in files)


def _end_with(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)
