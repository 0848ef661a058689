"""The summaries of runs."""

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.tables import new_table
from hctap_core.phi import PhiPolicy
from hctap_core.runs import FINISHED, RunCounts, RunStatus
from hctap_etl.running import Beginning
from hctap_etl.summaries.coverage import show_coverage
from hctap_etl.summaries.imports import show_reasons
from hctap_etl.summaries.phi import say_kinds
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.queue import is_over
from hctap_stores.database.runs import StoredRun
from hctap_stores.database.workers import count_workers

_STYLES = {"succeeded": "green", "partial": "yellow", "failed": "red", "interrupted": "red"}


def announce_run(console: Console, stored: StoredRun, beginning: Beginning) -> None:
    """Say which run is worked on, and why this one."""
    run_id = stored.run.run_id
    sentence = {
        Beginning.NEW: f"Run {run_id} begins.",
        Beginning.CONTINUED: f"Run {run_id} was interrupted and is completed now.",
        Beginning.FINISHED_BEFORE: f"Run {run_id} is finished: there is nothing to do.",
    }[beginning]
    console.print(sentence, highlight=False, markup=False)


def say_who_takes(console: Console, database: Database, stored: StoredRun) -> None:
    """Say which worker a queued run waits for, if none that is there has its pipeline."""
    if is_over(stored) or count_workers(database, stored.run_no):
        return
    pipeline = stored.run.pipeline
    policy = pipeline.settings.get("phi", PhiPolicy.OFF.value)
    # A worker has no option for it: another policy makes another pipeline, whose queue is another one.
    console.print(
        f"No worker is there that takes it: it waits for `HCTAP_PHI_POLICY={policy} hctap-etl worker --extractor "
        f"{pipeline.extractor}` with the same terms and release.",
        highlight=False,
        markup=False,
    )


def state_of(stored: StoredRun) -> str:
    """The run's status in a word; `interrupted` if nobody works on a run that is not finished."""
    if stored.run.status in FINISHED and stored.is_published:
        return stored.run.status.value
    if stored.is_worked_on or stored.run.status in {RunStatus.FAILED, RunStatus.CANCELLED}:
        return stored.run.status.value
    return "interrupted"


def show_runs(console: Console, found: list[StoredRun]) -> None:
    """Print the runs, the newest first."""
    table = new_table("run", "status", "begun", "notes", "entities")
    for column in table.columns[3:]:
        column.justify = "right"
    for stored in found:
        run, state = stored.run, state_of(stored)
        aside = f" ({run.counts.quarantined:,} bad)" if run.counts.quarantined else ""
        table.add_row(
            run.run_id,
            Text(state + aside, style=_STYLES.get(state, "")),
            f"{run.created_at:%Y-%m-%d %H:%M}",
            f"{run.counts.notes:,}",
            f"{run.counts.entities:,}",
        )
    console.print(table, highlight=False, markup=False)


def show_run(console: Console, database: Database, stored: StoredRun) -> None:
    """Print what a run did, how fast, what it found, and what is in quarantine."""
    run, state = stored.run, state_of(stored)
    counts = run.counts if run.status in FINISHED else _counts_so_far(database, stored)
    title = Text.assemble("Run ", (run.run_id, "bold"), "  ", (state, _STYLES.get(state, "")))
    table = new_table("", "", title=title)
    table.show_header = False
    table.columns[0].style = "dim"
    table.add_row("notes", f"{counts.notes:,}, each answered for: {_fates(counts)}")
    table.add_row("texts", f"{counts.distinct:,} distinct, {counts.characters:,} characters extracted")
    table.add_row("entities", f"{counts.entities:,}{_types(counts)}")
    if policy := run.pipeline.settings.get("phi"):
        table.add_row("identifiers", f"{policy}: {say_kinds(counts.phi)}{_in_texts(counts)}")
    if counts.usage:
        table.add_row("service", _usage(counts.usage))
    if run.duration_ms_p50 is not None:
        table.add_row("a note takes", f"{run.duration_ms_p50:.1f} ms (median), {run.duration_ms_p95:.1f} ms (p95)")
    if run.notes_per_second is not None:
        table.add_row("speed", f"{_number(run.notes_per_second)} notes/s from database to lake and back")
    table.add_row("pipeline", f"{run.pipeline.extractor} {run.pipeline.code_version}, {run.pipeline_hash[:12]}")
    if stored.error:
        table.add_row("last error", Text(stored.error, style="red"))
    console.print(table, highlight=False, markup=False)
    if run.status in FINISHED and not counts.notes:
        console.print("The lake holds no notes: bring some in with `hctap-etl import`.", highlight=False, markup=False)
    show_coverage(console, counts.coverage)
    show_reasons(console, {reason.value: count for reason, count in counts.by_reason.items()})


def _counts_so_far(database: Database, stored: StoredRun) -> RunCounts:
    with database.transaction() as connection:
        return runs.count_notes(connection, stored.run_no)


def _fates(counts: RunCounts) -> str:
    parts = (
        (counts.done, "extracted"),
        (counts.duplicates, "duplicates of those"),
        (counts.unchanged, "unchanged"),
        (counts.quarantined, "in quarantine"),
        (counts.pending, "pending"),
    )
    return ", ".join(f"{count:,} {name}" for count, name in parts if count) or "none"


def _in_texts(counts: RunCounts) -> str:
    return f" in {counts.phi_notes:,} texts" if counts.phi_notes else ""


def _usage(usage: Mapping[str, float]) -> str:
    parts = [f"{usage['requests']:,.0f} requests, ${usage['cost_usd']:,.4f} by list price"]
    parts += [
        f"{usage[name]:,.0f} {words}"
        for name, words in (
            ("units", "units"),
            ("input_tokens", "tokens in"),
            ("output_tokens", "tokens out"),
            ("dropped", "answers dropped"),
        )
        if usage.get(name)
    ]
    return ", ".join([*parts, f"{usage['latency_ms'] / max(usage['requests'], 1):,.0f} ms a request"])


def _types(counts: RunCounts) -> str:
    ranked = sorted(counts.by_type.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{':' if not place else ','} {count:,} {name}" for place, (name, count) in enumerate(ranked))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
