"""The command `hctap-etl`: reads the settings, hands them to a command, and says how it ended."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from hctap_cli.commands import explanation, vocabulary
from hctap_cli.endings import run_to_exit
from hctap_core.logs import configure_logs
from hctap_etl.commands import (
    database,
    evaluation,
    export,
    extraction,
    intake,
    job,
    lake,
    lineage,
    phi,
    publish,
    run,
    runs,
    secrets,
    suite,
    training,
    worker,
)
from hctap_etl.program import Program
from hctap_etl.settings import read_home, read_settings

app = typer.Typer(
    help="Import clinical notes into the lake, extract what they say, and evaluate it against gold.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(lake.app, name="lake")
app.add_typer(phi.app, name="phi")
app.add_typer(runs.app, name="runs")
app.add_typer(secrets.app, name="secrets")
app.add_typer(vocabulary.app, name="vocabulary")
app.command("import")(intake.import_notes)
app.command("run")(run.run_pipeline)
app.command("extract")(extraction.extract)
app.command("explain")(explanation.explain)
app.command("worker")(worker.work)
app.command("evaluate")(evaluation.evaluate)
app.command("suite")(suite.suite)
app.command("export")(export.export)
app.command("lineage")(lineage.show_lineage)
app.command("publish")(publish.publish_run)
app.command("train")(training.train)
app.command("job")(job.run_job)


@app.callback()
def prepare(
    context: typer.Context,
    *,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show where an error was raised, and every log line."),
    ] = False,
) -> None:
    """Import clinical notes into the lake, extract what they say, and evaluate it against gold.

    Exit codes: 0 done (or stopped by SIGTERM), 1 unexpected error, 2 wrong use or input, 3 done with notes in
    quarantine, 4 a store is unavailable, 5 conflict with another run.
    """
    home = read_home()
    settings = read_settings(home)
    err = Console(stderr=True)
    # On a terminal the bar speaks; logs are for machines and for those who ask.
    quiet = "WARNING" if err.is_terminal else "INFO"
    configure_logs("DEBUG" if debug else settings.log_level or quiet)
    context.obj = Program(
        home,
        Console(),
        err,
        settings.terms_folder,
        settings.database_url,
        settings.lake,
        settings.lineage_server,
        phi=settings.phi_policy,
        remote=settings.remote,
        drift_threshold=settings.drift_threshold,
        freshness=timedelta(minutes=settings.freshness_minutes),
        schedule=settings.schedule or None,
        heartbeat_seconds=settings.heartbeat_seconds,
        worker_port=settings.worker_port,
    )


def main() -> None:
    """Run the command line and exit with a code that says how it ended."""
    run_to_exit(app, "hctap-etl")


if __name__ == "__main__":
    main()
