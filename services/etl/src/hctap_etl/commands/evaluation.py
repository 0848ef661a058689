"""`hctap-etl evaluate`: a run, or predictions in a file, against gold."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.program import Program


def evaluate(
    context: typer.Context,
    *,
    gold: Annotated[
        Path,
        typer.Option(
            metavar="PATH", help="The gold: JSON Lines, a note or an entity on each line; or gold:NAME@VERSION."
        ),
    ],
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN_ID", help="The run to evaluate; without it the one finished last."),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Evaluate a file that `extract` or `runs export` wrote; needs no stores."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The name of the gold set; without it that of the file or its folder."),
    ] = None,
) -> None:
    """Score entities against gold: strict, overlapping, by type, with assertion, codes, attributes and sections.

    The scores of a run are kept with it, in the database and in its manifest.
    """
    from hctap_etl.evaluating import evaluate_run
    from hctap_etl.gold import load_gold, name_of_gold, score_file
    from hctap_etl.summaries.scores import show_scores

    program: Program = context.obj
    if predictions is not None:
        if run is not None:
            raise typer.BadParameter("--run and --predictions cannot be given together.")
        show_scores(program.out, {name or name_of_gold(gold): score_file(predictions, load_gold(gold))})
        return
    with program.open_database() as database:
        gold_name, _, scores = evaluate_run(program.open_lake(), database, run or "latest", gold, name)
    show_scores(program.out, {gold_name: scores})
