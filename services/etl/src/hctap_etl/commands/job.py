"""`hctap-etl job`: everything in one go, from notes to scores."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hctap_etl.policies import Phi
from hctap_etl.program import Program
from hctap_etl.workers import Workers


def run_job(
    context: typer.Context,
    *,
    sources: Annotated[
        list[Path] | None,
        typer.Option("--import", metavar="PATH", help="Notes to import first; may be given more than once."),
    ] = None,
    golds: Annotated[
        list[Path] | None,
        typer.Option("--gold", metavar="PATH", help="Gold to evaluate the run against; may be given more than once."),
    ] = None,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The extractor: hybrid (unless another is given), rules or model."),
    ] = None,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
    workers: Workers = None,
    phi: Phi = None,
    unless_finished: Annotated[
        bool,
        typer.Option("--unless-finished", help="Do nothing where a run has finished already."),
    ] = False,
) -> None:
    """Bring the database up to date, make the buckets, import notes, run, evaluate, and sum it all up.

    An interrupted run with the same pipeline is completed instead of beginning a new one.
    """
    from hctap_cli.exits import Exit, exit_of_status
    from hctap_etl.evaluating import evaluate_run, is_redacted
    from hctap_etl.importing import import_paths
    from hctap_etl.intake import IntakeOptions
    from hctap_etl.running import RunChoice, Runner
    from hctap_etl.stopping import stoppable
    from hctap_etl.summaries.imports import show_batch
    from hctap_etl.summaries.runs import announce_run, show_run
    from hctap_etl.summaries.scores import show_scores
    from hctap_stores.database import revisions

    program: Program = context.obj
    revisions.upgrade(program.require_database_url())
    if unless_finished and _has_finished_run(program):
        program.out.print("A run has finished already: there is nothing to do.", highlight=False)
        raise typer.Exit
    crews = program.open_crew(extractor, workers, terms, phi=phi)
    with stoppable(), crews as crew, program.open_database() as database:
        lake = program.open_lake()
        lineage = program.open_lineage(lake)
        is_partial = False
        if sources:
            options = IntakeOptions(source=", ".join(map(str, sources)), phi=phi or program.phi)
            batch = import_paths(lake, database, sources, options, program.meter, lineage)
            is_partial = bool(batch.counts["quarantined"])
            show_batch(program.out, batch)
            program.out.print()
        runner = Runner(lake, database, crew, program.meter, lineage, program.drift_threshold)
        stored, beginning = runner.choose(RunChoice())
        announce_run(program.err, stored, beginning)
        stored = runner.work(stored)
        scores: dict[str, dict[str, Any]] = {}
        if golds and is_redacted(stored):
            program.err.print("A redacted run is not evaluated: its offsets are those of surrogates.", highlight=False)
            golds = None
        for path in golds or ():
            name, stored, found = evaluate_run(lake, database, stored.run.run_id, path)
            scores[name] = found
        show_run(program.out, database, stored)
    if scores:
        program.out.print()
        show_scores(program.out, scores)
    _say_what_is_next(program)
    status = exit_of_status(stored.run.status)
    raise typer.Exit(Exit.PARTIAL if status is Exit.OK and is_partial else status)


def _has_finished_run(program: Program) -> bool:
    from hctap_core.errors import RunNotFound
    from hctap_stores.database.runs import find_run

    with program.open_database() as database:
        try:
            find_run(database, "latest")
        except RunNotFound:
            return False
    return True


def _say_what_is_next(program: Program) -> None:
    lines = (
        ("make up", "look at the notes in the dashboard"),
        ("hctap-etl import FOLDER", "bring in your own notes, then `hctap-etl run`"),
        ("hctap-etl extract FILE", "see what one text gives, without any store"),
    )
    program.out.print("\nWhat to do next", style="bold", highlight=False)
    for command, purpose in lines:
        program.out.print(f"{command:<26}{purpose}", highlight=False, markup=False)
