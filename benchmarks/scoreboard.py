"""`make bench`: the engine and its peers, asked the same; the answers as `docs/scoreboard.md`."""

import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.board import Row, rows_of
from benchmarks.environments import PeerUnavailable, Workshop
from benchmarks.failures import render_failures
from benchmarks.materials import PARTS, Materials
from benchmarks.pages import NONE, Table, cell, render_table
from benchmarks.peers.catalogue import OURS, OWN, Entry, command_of
from benchmarks.scoring import Score
from benchmarks.systems import SECONDS, Answers, Request, ask, prepare, to_extract, to_read, to_time

Track = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
_INTRODUCTION: Final = """\
Written by `make bench`, never by hand. Every system runs in a process and an environment of its own, is asked the same
in the same order, and is timed by the CPU seconds of its process.

- Notes: `samples/test`, {test_notes} notes, {test_characters:,} characters, frozen before an engine read them and never
  tuned on; `samples/dev`, {dev_notes} notes, {dev_characters:,} characters, on which our rules are tuned, so that there
  we have an advantage.
- Sentences: the suite in `samples/suite`, {test_sentences} frozen (`test`) and {dev_sentences} to tune on (`dev`).
  Nine marks of the frozen parts were set anew since, where a definition of assertions changed, and by nothing else
  (`docs/decisions/0050`).
  One mistake that a person saw in a frozen note was mended since: what a former smoker has now is not past.
- Terms: every dictionary system gets the same {terms:,}, the compiled vocabulary as a table (surface, type, ICD-10-CM
  code). Terms that count only near certain words are left out, as no peer has such a rule; our engine has them.
- The samples and the suite were written for this project, by a guideline that our rules follow and the peers do not
  know: what a problem is, and where its span ends, is a convention. `make scoreboard` scores what others annotated.
- Figures are percent with 95% intervals (bootstrap, 1,000 draws by note or sentence, seed 13). `ratio` is ours to the
  best peer's, turned round where less is better; `even` says that the best peer lies within our interval.
- Machine: {machine}, Python {python} for ours, 3.11 for the peers. CPU seconds vary by a factor of two between machines
  and with other load on them; ratios vary less."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run of the scoreboard needs."""

    workshop: Workshop
    python: Path
    terms: Path
    track: Track
    model: Path | None = None

    def run(
        self, entries: Sequence[Entry], requests: Sequence[Request], *, seconds: float = SECONDS
    ) -> dict[str, Answers | PeerUnavailable]:
        """The answers of each system, given so many seconds, or why there are none."""
        return {entry.name: self._ask(entry, requests, seconds) for entry in entries}

    def _ask(self, entry: Entry, requests: Sequence[Request], seconds: float) -> Answers | PeerUnavailable:
        try:
            with self.track(f"{entry.name}: environment", 1) as advance:
                python = self.python if entry.peer is None else self.workshop.python_of(entry.peer)
                advance(1)
            folder = self.workshop.folder / f"work-{entry.peer or 'hctap'}"
            folder.mkdir(parents=True, exist_ok=True)
            command = command_of(entry, python, self.terms, folder, self.model)
            if entry.prepares:
                prepare(command, self.workshop.root, seconds=seconds)
            with self.track(entry.name, len(requests)) as advance:
                return ask(command, self.workshop.root, requests, advance, seconds=seconds)
        except PeerUnavailable as error:
            return error


def requests_of(materials: Materials, seconds: float) -> list[Request]:
    """What every system is asked: the first to see when it first answers, the timing when all is warm."""
    notes = materials.all_notes()
    return [
        *(to_extract(note) for note in notes),
        *(to_read(note) for note in notes),
        *(to_read(sentence, "suite") for sentence in materials.all_sentences()),
        to_time(notes, seconds),
    ]


def render_page(
    entries: Sequence[Entry],
    materials: Materials,
    asked: Mapping[str, Answers | PeerUnavailable],
    remarks: Mapping[str, str],
    terms: int,
) -> str:
    """The page with all tables, set-ups, versions and failures."""
    answered = {name: answers for name, answers in asked.items() if isinstance(answers, Answers)}
    rows = rows_of(materials, answered)
    names = [entry.name for entry in entries]
    return (
        "\n\n".join(
            (
                "# Scoreboard",
                _introduction(materials, terms),
                "## Set-ups",
                *(_setup(entry, asked[entry.name]) for entry in entries),
                *(
                    section
                    for group in dict.fromkeys(row.group for row in rows)
                    for section in _group(group, rows, names)
                ),
                "## Where we are not ahead",
                _behind(rows, remarks),
                "## Our failures",
                render_failures(materials, answered[OURS]) if OURS in answered else "The engine did not answer.",
            )
        )
        + "\n"
    )


def read_remarks(path: Path) -> dict[str, str]:
    """The reasons, kept by hand, why a row is not ahead."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {str(key): " ".join(str(text).split()) for key, text in found.items()}


def _introduction(materials: Materials, terms: int) -> str:
    facts: dict[str, int | str] = {"terms": terms, "machine": platform.machine(), "python": platform.python_version()}
    for part in PARTS:
        facts[f"{part}_notes"] = len(materials.notes[part])
        facts[f"{part}_characters"] = sum(len(note.text) for note in materials.notes[part])
        facts[f"{part}_sentences"] = len(materials.sentences[part])
    return _INTRODUCTION.format(**facts)


def _setup(entry: Entry, answers: Answers | PeerUnavailable) -> str:
    if isinstance(answers, PeerUnavailable):
        return f"**{entry.name}**: could not be asked: `{answers.message}`. {entry.setup}"
    versions = ", ".join(f"{name} {version}" for name, version in answers.packages.items())
    return f"**{entry.name}** ({versions}). {entry.setup}"


def _group(group: str, rows: Sequence[Row], names: Sequence[str]) -> tuple[str, str]:
    shown = [row for row in rows if row.group == group]
    names = [name for name in names if _is_shown(name, shown)]
    table = Table(
        ("measure", *names, "ratio"),
        [
            (
                f"{row.title}{f' ({row.unit})' if row.unit not in {'%', ''} else ''}",
                *(_value(row, n) for n in names),
                _ratio(row),
            )
            for row in shown
        ],
    )
    return f"## {group}", render_table(table)


def _is_shown(name: str, rows: Sequence[Row]) -> bool:
    """Whether a system has its own column: one that answers, and another than the default extractor's."""
    if name != OURS and name.startswith(OURS):
        return any(row.values.get(name) != row.values.get(OURS) for row in rows)
    return any(name in row.values for row in rows)


def _value(row: Row, name: str) -> str:
    value = row.values.get(name)
    if value is None:
        return NONE
    if isinstance(value, Score):
        return cell(value)
    return f"{value:,.1f}" if value < 10 and value != int(value) else f"{value:,.0f}"  # noqa: PLR2004 - one digit


def _ratio(row: Row) -> str:
    ratio, best, ours = row.ratio(), row.best_peer(), row.values.get(OURS)
    if ratio is None or best is None:
        return NONE
    interval = ours.interval if isinstance(ours, Score) else None
    even = interval is not None and interval.low <= best[1] <= interval.high
    return f"{ratio:.2f}{' (even)' if even else ''}"


def _behind(rows: Sequence[Row], remarks: Mapping[str, str]) -> str:
    behind = [row for row in rows if row.is_ahead() is False and not _is_level(row)]
    if not behind:
        return "We are ahead of every peer, or level, on every row that a peer has."
    table = []
    for row in behind:
        best, ours = row.best_peer(), row.values.get(OURS)
        said = remarks.get(row.key, "no reason is known yet")
        table.append(
            (
                f"{row.group}: {row.title}",
                NONE if ours is None else _value(row, OURS),
                f"{best[0]}: {_value(row, best[0])}" if best else NONE,
                said,
            )
        )
    return render_table(Table(("row", "ours", "best peer", "why"), table))


def _is_level(row: Row) -> bool:
    best = row.best_peer()
    return best is not None and row.number(OURS) == best[1]


def entries_of(peers: Sequence[Entry], names: Sequence[str] | None) -> tuple[Entry, ...]:
    """Our own systems and the peers that are asked for, by their folders; all where no names are given."""
    return (*OWN, *(peer for peer in peers if names is None or peer.peer in names))
