"""The page of the run that finished last: what it read, what it found, how good it is."""

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import PlatformError, RunNotFound
from hctap_core.reasons import REASON_HELP
from hctap_core.runs import Run
from hctap_dashboard.markup import (
    Bar,
    Figure,
    Table,
    bars,
    counted,
    escape,
    figures,
    head,
    heading,
    notice_of,
    paragraph,
    table,
    wrap,
)
from hctap_dashboard.scores import find_gaps, tabulate_details, tabulate_spans
from hctap_dashboard.theme import PLAIN_TINT, TINTS
from hctap_dashboard.wording import count_of, show_count, show_milliseconds, show_moment, show_name, show_rate

# The halves of the samples, under the names that their gold sets have.
HALVES = (("samples-dev", "samples-test"), ("dev", "test"))


def show_latest_run(client: Client) -> None:
    """Show the page, or say why it cannot be shown."""
    try:
        with st.spinner("Asking for the latest run…"):
            run = client.latest_run()
    except RunNotFound as error:
        st.html(wrap(head("Latest run"), notice_of(error, "No run has finished yet")))
        return
    except PlatformError as error:
        st.html(wrap(head("Latest run"), notice_of(error, "The run cannot be shown")))
        st.button("Try again")
        return
    st.html(wrap(_title(run), _figures(run)))
    left, right = st.columns(2, gap="large")
    left.html(wrap(_types(run), _quarantine(run)))
    right.html(wrap(_pipeline(run)))
    st.html(wrap(_evaluation(run)))


def _title(run: Run) -> str:
    pipeline = run.pipeline
    beneath = (
        f"{run.run_id} · finished {show_moment(run.finished_at)} · {pipeline.extractor} {pipeline.extractor_version}"
    )
    return head("Latest run", status=run.status, beneath=beneath)


def _figures(run: Run) -> str:
    counts = run.counts
    return figures(
        [
            Figure("Notes", show_count(counts.notes), f"{counts.distinct:,} distinct texts"),
            Figure("Entities", show_count(counts.entities), f"from {count_of(counts.done, 'note')} read"),
            Figure("Notes per second", show_rate(run.notes_per_second), "all steps together"),
            Figure("Median", show_milliseconds(run.duration_ms_p50), "for one note"),
            Figure("95th percentile", show_milliseconds(run.duration_ms_p95), "for one note"),
            Figure("Duplicates", show_count(counts.duplicates), "share a text, read once"),
            Figure("In quarantine", show_count(counts.quarantined), "could not be read"),
        ]
    )


def _types(run: Run) -> str:
    known = {kind.value: TINTS[kind] for kind in EntityType}
    counts = sorted(run.counts.by_type.items(), key=lambda item: (-item[1], item[0]))
    items = [Bar(show_name(name), count, known.get(name, PLAIN_TINT)) for name, count in counts]
    content = bars("Entities by type", items) if items else paragraph("The run found no entities.")
    return heading("Entities by type") + content


def _evaluation(run: Run) -> str:
    if not run.evaluation:
        return heading("Evaluation") + paragraph(
            "This run was not compared with a gold set. Run hctap-etl evaluate --gold with a gold file to do so."
        )
    gaps = "".join(f'<p class="hc-warning">{escape(gap)}</p>' for gap in find_gaps(run.evaluation))
    details = tabulate_details(run.evaluation)
    tables = table(tabulate_spans(run.evaluation)) + (table(details) if details else "")
    return heading("Evaluation") + paragraph(_explain(run)) + gaps + f'<div class="hc-pair">{tables}</div>'


def _explain(run: Run) -> str:
    words = "F1 in percent. Strict: same span and same type. Overlap: same type and at least one character in common."
    for tuned, frozen in HALVES:
        if {tuned, frozen} <= run.evaluation.keys():
            words += f" The engine may be tuned on {tuned} and never is on {frozen}, which is the honest figure."
    return words


def _quarantine(run: Run) -> str:
    reasons = sorted(run.counts.by_reason.items(), key=lambda item: (-item[1], item[0]))
    if not reasons:
        return heading("Quarantine") + paragraph("Every note could be read.")
    rows = [(show_name(reason), REASON_HELP[reason], count) for reason, count in reasons]
    return heading("Quarantine") + counted("Notes by reason", rows)


def _pipeline(run: Run) -> str:
    pipeline = run.pipeline
    facts = {
        "Extractor": f"{pipeline.extractor} {pipeline.extractor_version}",
        "Program": pipeline.code_version,
        "Vocabulary": _short(pipeline.vocabulary),
        "Model": _short(pipeline.model),
        "Pipeline": _short(run.pipeline_hash),
        "Started": show_moment(run.started_at),
        "Finished": show_moment(run.finished_at),
        **{show_name(name): value for name, value in sorted(pipeline.settings.items())},
    }
    rows = list(facts.items())
    return heading("Made by") + table(Table("Pipeline versions", ("", ""), rows))


def _short(version: str | None) -> str:
    """A version, or the first twelve characters of a hash, which is what commands take too."""
    if version is None:
        return "none"
    return version[:12] if len(version) >= 40 else version  # noqa: PLR2004 - shorter than any hash
