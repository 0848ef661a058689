"""The end of a run whose notes are all answered for: counted, with its data products, published."""

from collections.abc import Callable, Iterable

from hctap_core.errors import RunConflict
from hctap_core.runs import FINISHED, Part, RunStatus
from hctap_etl.carrying import rewrite_shards
from hctap_etl.lineage.telling import Lineage
from hctap_etl.products.ahead import Ahead
from hctap_etl.products.growing import Growing
from hctap_etl.products.producing import make_entities, repeat_products, write_counted, write_entities
from hctap_etl.publishing import publish, write_quarantine
from hctap_etl.remembering import remember
from hctap_stores.database import analysis, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.repeated import find_repeated
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake


def finish_run(
    lake: Lake,
    database: Database,
    stored: StoredRun,
    lineage: Lineage,
    drift_threshold: float,
    growing: Growing | None = None,
    *,
    is_analyzed: bool = False,
) -> StoredRun:
    """Finish a run whose notes are all answered for, publish it, and give it as it is then; safe to do twice.

    `growing` has made silver of the parts that the caller has written itself; `is_analyzed` if the database has
    statistics of the run's results already.

    Raises:
        RunConflict: If notes are left: it was cancelled, and somebody has resumed it before this process saw that.
    """
    remember(lake, database)
    if stored.run.status is not RunStatus.RUNNING:
        return _publish(lake, database, stored, lineage)
    if results.count_pending(database, stored.run_no):
        raise RunConflict(
            f"The run {stored.run.run_id} was cancelled and resumed meanwhile, and has notes left.",
            remedy=f"Continue it with `hctap-etl run --resume {stored.run.run_id}`, unless another process does.",
        )
    rewrite_shards(lake, database, stored)
    write_quarantine(lake, database, stored)
    repeated = find_repeated(database, stored.run_no)
    if repeated is not None:
        stored = runs.finish_run(database, stored.run_no, drift_threshold, repeated=repeated)
        return _publish(lake, database, stored, lineage, lambda: repeat_products(lake, database, stored, repeated))

    parts = runs.list_parts(database, stored.run_no)

    def write(wanted: Iterable[Part]) -> list[Part]:
        made = make_entities(lake, wanted) if growing is None else growing.take(parts, wanted)
        return write_entities(lake, stored.run.run_id, made)

    def count() -> list[Part]:
        # A session of its own: this one counts meanwhile.
        with database.twin() as reader:
            return write_counted(lake, reader, stored)

    with Ahead(parts, write, count, None if growing is None else growing.abandon) as ahead:
        if not is_analyzed:
            analysis.analyze_results(database, stored.run_no)
        ahead.begin_counting()
        counted = runs.finish_run(database, stored.run_no, drift_threshold)
        return _publish(lake, database, counted, lineage, ahead.products)


def _publish(
    lake: Lake,
    database: Database,
    stored: StoredRun,
    lineage: Lineage,
    products: Callable[[], list[Part]] | None = None,
) -> StoredRun:
    if stored.run.status in FINISHED and not stored.is_published:
        from hctap_etl.lineage.events import run_completed

        manifest = publish(lake, database, stored, products)
        lineage.tell(run_completed(stored.run, manifest, lake, database.address))
    elif stored.run.status is RunStatus.CANCELLED:
        from hctap_etl.lineage.events import run_aborted

        lineage.tell(run_aborted(stored.run))
    return runs.find_run(database, stored.run.run_id)
