"""The summary of an import."""

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.tables import new_table
from hctap_core.reasons import REASON_HELP, QuarantineReason
from hctap_etl.summaries.phi import say_kinds
from hctap_stores.database.batches import Batch


def show_batch(console: Console, batch: Batch) -> None:
    """Print what became of an import's records, and why some are in quarantine."""
    counts = batch.counts
    seconds = (batch.finished_at - batch.started_at).total_seconds()
    table = new_table("", "", title=f"Import {batch.batch_id}")
    table.show_header = False
    table.columns[0].justify = "right"
    table.add_row(f"{counts['read']:,}", f"records read from {batch.source_name} in {seconds:.1f} s")
    for name, meaning in (
        ("new", "new notes"),
        ("unchanged", "in the lake already, not written again"),
        ("replaced", "replaced"),
        ("quarantined", "in quarantine"),
    ):
        if counts[name]:
            table.add_row(f"{counts[name]:,}", meaning)
    if counts["duplicate_texts"]:
        table.add_row(f"{counts['duplicate_texts']:,}", "have a text that another note of the import has too")
    if counts.get("phi_notes"):
        table.add_row(f"{counts['phi_notes']:,}", f"texts identify persons: {say_kinds(counts['phi'])}")
    console.print(table, highlight=False, markup=False)
    show_reasons(console, counts["by_reason"])


def show_reasons(console: Console, by_reason: dict[str, int]) -> None:
    """Print why notes are in quarantine and what to do about it; nothing if none is."""
    if not by_reason:
        return
    table = new_table("notes", "reason", "what to do", title="Quarantine")
    table.columns[0].justify = "right"
    for reason, count in sorted(by_reason.items()):
        table.add_row(f"{count:,}", Text(reason, style="yellow"), REASON_HELP[QuarantineReason(reason)])
    console.print(table, highlight=False, markup=False)
