"""What made a run, what went into it and what it left: its pipeline, its lineage, its manifest."""

from typing import Final

from hctap_core.runs import Manifest, Part, Run
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import Html, Table, escape, heading, paragraph, show, table
from hctap_dashboard.wording import count_of, show_bytes, show_count, show_moment, show_name

_MOST_PARTS: Final = 20
_HASH: Final = 40


def tabulate_pipeline(run: Run) -> Table:
    """What made a run."""
    pipeline = run.pipeline
    facts = {
        "Extractor": f"{pipeline.extractor} {pipeline.extractor_version}",
        "Notes": say_selected(run),
        "Program": pipeline.code_version,
        "Vocabulary": shorten(pipeline.vocabulary),
        "Model": shorten(pipeline.model),
        "Pipeline": shorten(run.pipeline_hash),
        **{show_name(name): value for name, value in sorted(pipeline.settings.items())},
    }
    return Table("What made the run", ("", ""), list(facts.items()))


def say_selected(run: Run) -> str:
    """Which notes a run reads."""
    words = ["only new and changed"] if run.is_incremental else []
    if run.selection is not None:
        words += [", ".join(run.selection.specialties)] if run.selection.specialties else []
        words += [f"at most {run.selection.limit:,}"] if run.selection.limit else []
    return "; ".join(words) or "all"


def shorten(version: str | None) -> str:
    """A version, or the first twelve characters of a hash, which is what commands take too."""
    if version is None:
        return "none"
    return version[:12] if len(version) >= _HASH else version


def show_lineage(run: Run, manifest: Manifest) -> str:
    """From the notes to the scores, a step each."""
    counts, pipeline = manifest.counts, manifest.pipeline
    scores = [anchor(name, link_to(Place.QUALITY, run=run.run_id, gold=name)) for name in sorted(run.evaluation)]
    steps = [
        ("Read", f"{count_of(counts.notes, 'note')}, {count_of(counts.distinct, 'distinct text')}", say_selected(run)),
        ("By", f"{pipeline.extractor} {pipeline.extractor_version}", f"pipeline {shorten(manifest.pipeline_hash)}"),
        ("Found", count_of(counts.entities, "entity"), f"finished {show_moment(manifest.ts_finished)}"),
        ("Left", count_of(len(manifest.parts) + len(manifest.products), "object"), "in the lake and the database"),
        ("Compared with", Html(", ".join(scores)) if scores else "no gold", "gold sets" if scores else ""),
    ]
    cells = (
        f'<li><span class="hc-soft">{escape(title)}</span><strong>{show(what)}</strong>'
        f'<span class="hc-soft">{escape(more)}</span></li>'
        for title, what, more in steps
    )
    return heading("Where it came from and where it went") + f'<ol class="hc-flow">{"".join(cells)}</ol>'


def show_manifest(manifest: Manifest) -> str:
    """What a run left in the lake, object by object."""
    parts = [*manifest.parts, *manifest.products]
    if not parts:
        return paragraph("The run left no object in the lake.")
    rows = [_row(part) for part in parts[:_MOST_PARTS]]
    more = len(parts) - len(rows)
    rest = paragraph(f"And {count_of(more, 'object')} more, which the manifest lists.") if more else ""
    titles = ("Object", "Rows", "Size", "SHA-256")
    return table(Table("What the run left in the lake", titles, rows, frozenset({1, 2}))) + rest


def _row(part: Part) -> tuple[str, ...]:
    return part.key, show_count(part.rows), show_bytes(part.bytes), shorten(part.sha256)
