"""`hctap-etl train`: the statistical layer, from annotated corpora."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.program import Program


def train(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The folder with the corpora that the plan names.")],
    *,
    plan: Annotated[
        Path | None,
        typer.Option(metavar="PLAN", help="The training plan; without it the one that the shipped model was made by."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the model is written.")] = Path("model"),
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A corpus file to keep aside, to measure on; may be given more than once."),
    ] = None,
) -> None:
    """Train taggers, genres and wordings; the same corpora, vocabulary and code give the same bytes."""
    from hctap_nlp.matching import Matcher
    from hctap_nlp.statistical.card import shipped_folder
    from hctap_nlp.statistical.plan import read_plan
    from hctap_nlp.statistical.training import train_model
    from hctap_nlp.vocabulary.artefact import terms_hash
    from hctap_nlp.vocabulary.build import ensure

    program: Program = context.obj
    plan_path = plan or Path(str(shipped_folder().joinpath("plan.yaml")))
    wanted = read_plan(plan_path, data, leave_out=frozenset(leave_out or ()))
    vocabulary = ensure(program.vocabulary_folder, program.meter.stage)
    card = train_model(wanted, Matcher(vocabulary), terms_hash(vocabulary), out, program.meter.stage)
    for name, facts in card["files"].items():
        program.out.print(f"{name:<24} {facts['bytes']:>10,} bytes  sha256 {facts['sha256'][:16]}", highlight=False)
