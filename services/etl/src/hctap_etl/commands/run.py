"""`hctap-etl run`: the notes of the lake through an extractor."""

import gc
from pathlib import Path
from typing import Annotated, Final

import typer

from hctap_etl.policies import Phi
from hctap_etl.program import Program
from hctap_etl.workers import Workers
from hctap_remote.options import REMOTE_EXTRACTORS

_MADE_BETWEEN_COLLECTIONS: Final = 50_000


def run_pipeline(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[RUN_ID]", help="The id of the run, the same as with --run-id.", show_default=False),
    ] = None,
    *,
    run_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The id of the run; without it one is made from the time."),
    ] = None,
    extractor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="hybrid (unless another is given), rules or model; if allowed, comprehend or bedrock.",
        ),
    ] = None,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Complete the interrupted run, and begin none if there is none; with an id, also a failed one.",
        ),
    ] = False,
    new: Annotated[
        bool,
        typer.Option("--new", help="Begin a new run, even if one was interrupted."),
    ] = False,
    incremental: Annotated[
        bool,
        typer.Option("--incremental", help="Extract only notes that are new or changed since the last finished run."),
    ] = False,
    workers: Workers = None,
    phi: Phi = None,
    max_cost: Annotated[
        float | None,
        typer.Option(min=0, metavar="USD", help="The most that an extractor which leaves the machine may spend."),
    ] = None,
    queue: Annotated[
        bool,
        typer.Option("--queue", help="Begin the run and leave it to the workers (`hctap-etl worker`)."),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="With --queue: wait until the workers have finished it."),
    ] = False,
) -> None:
    """Extract what the notes of the lake say, into the lake and the database.

    An interrupted run with the same pipeline is completed first. A run that is given again when it is finished is
    left as it is. Notes that cannot be worked on go into quarantine with their reason; then the exit code is 3.
    """
    from hctap_cli.exits import exit_of_status
    from hctap_etl.stopping import stoppable

    if (resume and new) or (name and run_id and name != run_id):
        raise typer.BadParameter("--resume and --new, or two run ids, cannot be given together.")
    if queue and extractor in REMOTE_EXTRACTORS:
        raise typer.BadParameter(
            f"No worker takes runs of {extractor!r}, which works in one process that knows what it spends: "
            "leave --queue out."
        )
    program: Program = context.obj
    # Modules and records are many and stay: to look for garbage among them as often as usual is a twentieth of a start.
    gc.set_threshold(_MADE_BETWEEN_COLLECTIONS, 5, 5)
    # What carries over or leaves the work to others may need no extractor at all.
    is_lazy = incremental or queue
    crews = program.open_crew(extractor, workers, terms, phi=phi, max_cost=max_cost, is_lazy=is_lazy)
    with stoppable(), crews as crew:
        # Half a second of modules: the crew's own process loads its extractor meanwhile.
        from hctap_etl.running import DIRECT, QUEUED, Beginning, RunChoice, Runner
        from hctap_etl.spending import charge_earlier
        from hctap_etl.summaries.runs import announce_run, say_who_takes, show_run
        from hctap_etl.waiting import await_run

        choice = RunChoice(run_id or name, must_resume=resume, must_be_new=new or queue, is_incremental=incremental)
        with program.open_database() as database:
            lake = program.open_lake()
            runner = Runner(lake, database, crew, program.meter, program.open_lineage(lake), program.drift_threshold)
            stored, beginning = runner.choose(choice, QUEUED if queue else DIRECT)
            charge_earlier(crew, database, stored)
            announce_run(program.err, stored, beginning)
            if queue:
                say_who_takes(program.err, database, stored)
            if queue and not wait:
                raise typer.Exit
            if queue:
                stored = await_run(database, stored, program.meter)
            elif beginning is not Beginning.FINISHED_BEFORE:
                stored = runner.work(stored)
            show_run(program.out, database, stored)
    raise typer.Exit(exit_of_status(stored.run.status))
