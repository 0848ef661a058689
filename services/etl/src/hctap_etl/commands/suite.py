"""`hctap-etl suite`: the assertion and regimen suite, and what an extractor answers."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.program import Program


class PartChoice(StrEnum):
    """Which sentences are asked."""

    DEV = "dev"
    TEST = "test"
    BOTH = "both"


def suite(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Suite files, or folders of them; samples/suite without any."),
    ] = None,
    *,
    part: Annotated[PartChoice, typer.Option(help="Ask the sentences of one part or of both.")] = PartChoice.BOTH,
    extractor: Annotated[str, typer.Option(metavar="NAME", help="The extractor: hybrid, rules or model.")] = "rules",
    failures: Annotated[bool, typer.Option("--failures", help="Print each wrong answer with its sentence.")] = False,
) -> None:
    """Score an extractor on the suite's sentences, by phenomenon and attribute; the entities are given."""
    from hctap_cli.summaries.suites import show_failures, show_suite
    from hctap_core.errors import UnsupportedInput
    from hctap_nlp.suite.scores import score_suite
    from hctap_nlp.suite.sentences import read_suite

    program: Program = context.obj
    files = [file for path in paths or [Path("samples/suite")] for file in _files_of(path)]
    if not files:
        raise UnsupportedInput("There is no suite file.", remedy="Name one, such as samples/suite/assertion.yaml.")
    try:
        sentences = [one for file in files for one in read_suite(file.read_text(encoding="utf-8"))]
    except (OSError, UnicodeDecodeError):
        raise UnsupportedInput("A suite file cannot be read.", remedy="See to the path.") from None
    asked = [one for one in sentences if part in (PartChoice.BOTH, one.part)]
    engine = program.load_extractor(extractor)
    answers = {one.id: engine.extract_given(one.text, one.spans()).entity_records(one.id, "suite") for one in asked}
    parts = {name: [one for one in asked if one.part == name] for name in ("dev", "test")}
    scores = {name: score_suite(ones, answers) for name, ones in parts.items() if ones}
    show_suite(program.out, scores, parts)
    if failures:
        show_failures(program.out, [failure for one in scores.values() for failure in one.failures])


def _files_of(path: Path) -> list[Path]:
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]
