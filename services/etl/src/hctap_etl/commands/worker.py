"""`hctap-etl worker`: take runs and shards out of the queue."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_core.errors import SettingsInvalid
from hctap_etl.program import Program
from hctap_etl.workers import Workers


def work(
    context: typer.Context,
    *,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The extractor: hybrid (unless another is given), rules or model."),
    ] = None,
    terms: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own terms, cues and exclusions; `terms` in the home without it."),
    ] = None,
    workers: Workers = None,
    once: Annotated[
        bool,
        typer.Option("--once", help="End when the queue is empty, instead of waiting for more."),
    ] = False,
) -> None:
    """Work on queued runs until SIGTERM, beside any number of other workers on other machines.

    SIGTERM and Ctrl-C end the jobs in hand, or give them back after 100 seconds. HCTAP_SCHEDULE, a cron
    expression in UTC, begins an incremental run whenever it is due and none is under way. HCTAP_WORKER_PORT is where it
    answers whether it lives.
    """
    from hctap_etl.health import answering
    from hctap_etl.processes import Processes
    from hctap_etl.stopping import leave
    from hctap_etl.working import QueueWork
    from hctap_stores.database import comparisons, jobs, queue
    from hctap_stores.database.orders import CHORES, order_queue_name
    from hctap_stores.database.schedules import is_cron
    from hctap_stores.database.workers import Signs

    program: Program = context.obj
    if program.schedule is not None and not is_cron(program.schedule):
        raise SettingsInvalid(
            "HCTAP_SCHEDULE is no cron expression whose time comes.",
            remedy="Give minute, hour, day of the month, month and day of the week in UTC, such as `0 2 * * *` for "
            "every night at two, or unset it.",
        )
    size = program.count_workers(workers)
    recipe = program.recipe(extractor, terms)
    crews = Processes(recipe, size, program.meter.stage)
    with crews as crew, program.open_database() as database, answering(program.worker_port):
        lake = program.open_lake()
        # What cannot be loaded is said now, and not by each shard.
        crew.await_extractor()
        tasks = QueueWork(lake, database, crew, program.meter, program.open_lineage(lake), program.drift_threshold)
        name = queue.queue_name(crew.pipeline.hash)
        url, pipeline = program.require_database_url(), crew.pipeline
        serving = jobs.Serving(
            name,
            size,
            program.heartbeat_seconds,
            program.schedule,
            is_patient=not once,
            orders=(order_queue_name(pipeline.extractor), CHORES),
            signs=Signs(url, pipeline.extractor, pipeline.hash, size, program.heartbeat_seconds),
        )
        # Of stores that an earlier version filled, nobody has counted it.
        comparisons.order_newest(database)
        has_ended = jobs.serve(url, tasks, serving)
    if not has_ended:
        leave()
