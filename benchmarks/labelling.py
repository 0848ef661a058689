"""From marked chunks to label files, and from two annotators' labels to a page that says how they agree."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.agreement import (
    FlagAgreement,
    Pair,
    SpanAgreement,
    agree_on_attributes,
    agree_on_flags,
    agree_on_spans,
    pair_up,
)
from benchmarks.labels import LabelledText, read_chunk, read_labels, render_labels
from benchmarks.pages import Table, percent, render_table, with_interval
from hctap_core.errors import UnsupportedInput


def convert_chunks(paths: Sequence[Path], annotators: tuple[str, ...]) -> str:
    """The labels of marked chunks as JSON Lines.

    Raises:
        UnsupportedInput: Where a file cannot be read.
        MalformedRecord: Where a mark cannot be understood.
    """
    labels: list[LabelledText] = []
    for path in paths:
        try:
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise UnsupportedInput(f"{path} cannot be read as UTF-8 text.", remedy="Correct the path.") from None
        labels += [passage.labels for passage in read_chunk(content, annotators)]
    return render_labels(labels)


def render_agreement(first: Path, second: Path, command: str) -> str:
    """The page about how two label files agree.

    Raises:
        UnsupportedInput: Where they have no text in common.
    """
    pairs = pair_up(read_labels(first), read_labels(second))
    if not pairs:
        raise UnsupportedInput("The two files label no text in common.", remedy="Give labels of the same texts.")
    return "\n".join(
        (
            "# Agreement of the annotators",
            "",
            f"Written by `{command}`. {_size(pairs)}",
            "Two annotators marked them apart, by the same guideline; what differed was settled afterwards, one",
            "difference after the other, and the settled labels in `benchmarks/labels` are what the engine is scored",
            "on. Agreement says how little a guideline leaves open, not that both are right: who reads it alike errs",
            "alike.",
            "",
            "F1 of one annotator against the other in percent, with 95% intervals (bootstrap by passage).",
            "",
            render_table(_span_table("entities", agree_on_spans(pairs))),
            "",
            render_table(_span_table("attributes", agree_on_attributes(pairs))),
            "",
            "Cohen's kappa of each assertion flag on the entities whose span and type both marked alike.",
            "",
            render_table(_flag_table(agree_on_flags(pairs))),
            "",
        )
    )


def _size(pairs: Sequence[Pair]) -> str:
    characters = sum(one.characters for one, _ in pairs)
    return f"{len(pairs)} passages with {characters:,} characters."


def _span_table(name: str, rows: Iterable[SpanAgreement]) -> Table:
    return Table(
        (name, "first", "second", "strict", "overlap"),
        tuple(
            (
                row.kind,
                str(row.first),
                str(row.second),
                with_interval(row.strict, row.strict_interval),
                with_interval(row.overlap, row.overlap_interval),
            )
            for row in rows
        ),
    )


def _flag_table(rows: Iterable[FlagAgreement]) -> Table:
    return Table(
        ("flag", "entities", "first", "second", "both", "same answer", "kappa"),
        tuple(
            (
                row.flag,
                str(row.spans),
                str(row.first),
                str(row.second),
                str(row.both),
                percent(row.same),
                "–" if row.kappa is None else f"{row.kappa:.2f}",
            )
            for row in rows
        ),
    )
