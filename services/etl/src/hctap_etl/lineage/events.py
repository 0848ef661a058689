"""The OpenLineage events of imports, runs and exports: schemas, counts, code and parent; never a word of a note.

Source: https://openlineage.io/docs/spec/object-model and the naming of datasets beside it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from types import MappingProxyType
from typing import Any, Final

import attr
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    error_message_run,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    schema_dataset,
)
from openlineage.client.generated.base import DatasetFacet, RunFacet
from pydantic import BaseModel

from hctap_core.entities import Entity
from hctap_core.notes import Note
from hctap_core.runs import Manifest, Part
from hctap_core.runs import Run as HctapRun
from hctap_etl.exports.exporting import Exported
from hctap_etl.exports.forms import Form
from hctap_etl.exports.shapes import columns_by_file
from hctap_etl.lineage.telling import message_of
from hctap_etl.products.layout import TABLES
from hctap_stores.database.batches import Batch
from hctap_stores.lake.lake import Lake

NAMESPACE: Final = "hctap"
PRODUCER: Final = f"urn:hctap:etl:{metadata.version('hctap-etl')}"
RUN_JOB: Final = "run"
IMPORT_JOB: Final = "import"
_FACET_SCHEMA: Final = "urn:hctap:lineage:facet:1"
_IDS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hctap:lineage")


@attr.define
class HctapRunFacet(RunFacet):
    """What HC-TAP knows of a run, an import or an export: its id, its counts, and the pipeline behind it."""

    id: str = attr.field(default="")
    counts: Mapping[str, Any] = attr.field(factory=dict)
    pipelineHash: str | None = attr.field(default=None)  # noqa: N815 - OpenLineage writes names so
    pipeline: dict[str, Any] | None = attr.field(default=None)

    @staticmethod
    def _get_schema() -> str:
        return _FACET_SCHEMA


def run_started(run: HctapRun) -> RunEvent:
    """A run begins, or goes on after a stop."""
    return _event(RunState.START, datetime.now(UTC), RUN_JOB, run.run_id, _run_facets(run))


def run_failed(run: HctapRun, error: Exception) -> RunEvent:
    """A run stopped; the next one continues it."""
    facets = _run_facets(run) | _message(message_of(error))
    return _event(RunState.FAIL, datetime.now(UTC), RUN_JOB, run.run_id, facets)


def run_aborted(run: HctapRun) -> RunEvent:
    """A run was cancelled; whoever sees it tells the same event."""
    return _event(RunState.ABORT, run.finished_at or datetime.now(UTC), RUN_JOB, run.run_id, _run_facets(run))


def run_completed(run: HctapRun, manifest: Manifest, lake: Lake, database_address: str) -> RunEvent:
    """A run is finished: notes in; parts, data products and rows of the database out."""
    notes = _input(f"s3://{lake.raw.name}", "notes", Note, manifest.note_count)
    written = (*manifest.parts, *manifest.products)
    outputs = [
        _output(f"s3://{lake.enriched.name}", f"{table.prefix}/run={run.run_id}", _named(table.columns), found)
        for table in TABLES
        if (found := [part for part in written if part.key.startswith(f"{table.prefix}/")])
    ]
    rows = [Part(key="", sha256="", rows=manifest.entity_count, bytes=0)]
    outputs.append(_output(*_table(database_address, "entities"), _fields(Entity), rows, is_table=True))
    finished_at = run.finished_at or datetime.now(UTC)
    return _event(RunState.COMPLETE, finished_at, RUN_JOB, run.run_id, _run_facets(run), [notes], outputs)


def import_started(batch_id: str) -> RunEvent:
    """An import begins."""
    return _event(RunState.START, datetime.now(UTC), IMPORT_JOB, batch_id, {"hctap": HctapRunFacet(id=batch_id)})


def import_failed(batch_id: str, error: Exception) -> RunEvent:
    """An import stopped; what it brought stays."""
    # The class alone: messages name paths.
    facets = {"hctap": HctapRunFacet(id=batch_id)} | _message(type(error).__name__)
    return _event(RunState.FAIL, datetime.now(UTC), IMPORT_JOB, batch_id, facets)


def import_completed(batch: Batch, lake: Lake) -> RunEvent:
    """An import is finished: its source in, notes out. Paths may name patients, so only the source's name is told."""
    is_named = batch.source_name != batch.source
    counts = batch.counts
    source = _input("file", batch.source_name if is_named else "files", Note, counts["read"])
    written = Part(key="", sha256="", rows=counts["new"] + counts["replaced"], bytes=0)
    notes = _output(f"s3://{lake.raw.name}", "notes", _fields(Note), [written], is_table=True)
    facets = {"hctap": HctapRunFacet(id=batch.batch_id, counts=counts)}
    return _event(RunState.COMPLETE, batch.finished_at, IMPORT_JOB, batch.batch_id, facets, [source], [notes])


@dataclass(frozen=True, slots=True)
class ExportEvents:
    """The events of one export, which is known by the run, the form and the moment at which it began."""

    run: HctapRun
    form: Form
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def started(self) -> RunEvent:
        """The export begins; its parent is the run that found what is exported."""
        return self._event(RunState.START, self.begun_at, {})

    def failed(self, error: Exception) -> RunEvent:
        """The export stopped, and left no file of its own."""
        # The class alone: messages name paths.
        return self._event(RunState.FAIL, datetime.now(UTC), {}, _message(type(error).__name__))

    def completed(self, done: Exported, database_address: str) -> RunEvent:
        """The export is finished: rows of the database in, files out."""
        counts = {"notes": done.notes, "entities": done.entities, **done.remarks}
        rows = _input(*_table(database_address, "entities"), Entity, done.entities)
        files = [Part(key="", sha256="", rows=done.entities, bytes=sum(int(file["bytes"]) for file in done.files))]
        fields = [
            schema_dataset.SchemaDatasetFacetFields(name=name, type="file", fields=_named(columns))
            for name, columns in columns_by_file(done.form).items()
        ]
        written = _output("file", f"{done.folder.name}/{done.form.value}", fields, files)
        return self._event(RunState.COMPLETE, datetime.now(UTC), counts, {}, [rows], [written])

    def _event(
        self,
        state: RunState,
        moment: datetime,
        counts: dict[str, Any],
        more: Mapping[str, RunFacet] = MappingProxyType({}),
        inputs: Sequence[InputDataset] = (),
        outputs: Sequence[OutputDataset] = (),
    ) -> RunEvent:
        run, form = self.run, self.form.value
        parent = parent_run.ParentRunFacet(
            run=parent_run.Run(runId=lineage_id(RUN_JOB, run.run_id)), job=parent_run.Job(NAMESPACE, RUN_JOB)
        )
        facets = {"parent": parent, "hctap": _facet(run, counts), **more}
        name = f"{run.run_id}/{form}/{self.begun_at.isoformat()}"
        return _event(state, moment, f"export.{form}", name, facets, inputs, outputs)


def lineage_id(job: str, name: str) -> str:
    """The UUID that stands for a run, an import or an export: the same name gives the same."""
    return str(uuid.uuid5(_IDS, f"{job}/{name}"))


def _event(
    state: RunState,
    moment: datetime,
    job: str,
    name: str,
    facets: Mapping[str, RunFacet],
    inputs: Sequence[InputDataset] = (),
    outputs: Sequence[OutputDataset] = (),
) -> RunEvent:
    engine = processing_engine_run.ProcessingEngineRunFacet(
        version=metadata.version("hctap-etl"),
        name="hctap-etl",
        openlineageAdapterVersion=metadata.version("openlineage-python"),
    )
    kind = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="HCTAP", jobType="JOB")
    return RunEvent(
        eventType=state,
        eventTime=moment.astimezone(UTC).isoformat(),
        run=Run(runId=lineage_id(job, name), facets={"processing_engine": engine, **facets}),
        job=Job(namespace=NAMESPACE, name=job, facets={"jobType": kind}),
        inputs=list(inputs),
        outputs=list(outputs),
        producer=PRODUCER,
    )


def _run_facets(run: HctapRun) -> dict[str, RunFacet]:
    return {"hctap": _facet(run, run.counts.model_dump(mode="json"))}


def _message(message: str) -> dict[str, RunFacet]:
    return {"errorMessage": error_message_run.ErrorMessageRunFacet(message=message, programmingLanguage="Python")}


def _facet(run: HctapRun, counts: dict[str, Any]) -> HctapRunFacet:
    pipeline = run.pipeline.model_dump(mode="json")
    return HctapRunFacet(id=run.run_id, counts=counts, pipelineHash=run.pipeline_hash, pipeline=pipeline)


def _input(namespace: str, name: str, model: type[BaseModel], rows: int) -> InputDataset:
    counted = input_statistics_input_dataset.InputStatisticsInputDatasetFacet(rowCount=rows)
    schema = schema_dataset.SchemaDatasetFacet(fields=_fields(model))
    return InputDataset(namespace, name, inputFacets={"inputStatistics": counted}, facets={"schema": schema})


def _output(
    namespace: str,
    name: str,
    fields: list[schema_dataset.SchemaDatasetFacetFields],
    parts: Sequence[Part],
    *,
    is_table: bool = False,
) -> OutputDataset:
    counted = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=sum(part.rows for part in parts),
        size=None if is_table else sum(part.bytes for part in parts),
        fileCount=None if is_table else len(parts),
    )
    facets: dict[str, DatasetFacet] = {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)} if fields else {}
    return OutputDataset(namespace, name, outputFacets={"outputStatistics": counted}, facets=facets)


def _table(address: str, table: str) -> tuple[str, str]:
    host, _, name = address.partition("/")
    return f"postgres://{host}", f"{name}.public.{table}"


def _fields(model: type[BaseModel]) -> list[schema_dataset.SchemaDatasetFacetFields]:
    properties = model.model_json_schema()["properties"]
    return [
        schema_dataset.SchemaDatasetFacetFields(name=name, type=str(property_.get("type", "object")))
        for name, property_ in properties.items()
    ]


def _named(columns: Sequence[tuple[str, object]]) -> list[schema_dataset.SchemaDatasetFacetFields]:
    return [
        schema_dataset.SchemaDatasetFacetFields(name=name, type=kind if isinstance(kind, str | None) else "array")
        for name, kind in columns
    ]
