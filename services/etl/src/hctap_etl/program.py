"""What the entry point hands to every command."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hctap_cli.program import Program as EngineProgram
from hctap_core.errors import PlatformError, StoreUnavailable
from hctap_core.phi import PhiPolicy
from hctap_etl.lineage.server import LineageServer
from hctap_remote.options import REMOTE_EXTRACTORS, RemoteOptions
from hctap_stores.lake.address import LakeAddress

if TYPE_CHECKING:
    from hctap_etl.crew import Crew
    from hctap_etl.lineage.telling import Lineage
    from hctap_etl.recipe import Recipe
    from hctap_stores.database.connection import Database
    from hctap_stores.lake.lake import Lake


@dataclass(frozen=True)
class Program(EngineProgram):
    """The settings as values, and where to print; stores are opened by the commands that need them."""

    database_url: str | None
    lake_address: LakeAddress
    lineage_server: LineageServer | None = None
    phi: PhiPolicy = PhiPolicy.REPORT
    remote: RemoteOptions = field(default_factory=RemoteOptions)
    drift_threshold: float = 0.2
    freshness: timedelta = timedelta(minutes=120)
    schedule: str | None = None
    heartbeat_seconds: float = 10.0
    worker_port: int | None = None

    @contextmanager
    def open_crew(
        self,
        extractor: str | None,
        workers: int | None,
        terms: Path | None,
        *,
        phi: PhiPolicy | None = None,
        max_cost: float | None = None,
        is_lazy: bool = False,
    ) -> "Iterator[Crew]":
        """Who works on a run: as many processes (one a core if None), or this one for 0; opened before the stores.

        Processes that are lazy start when there is work, the others at once, while the stores are opened. An extractor
        that leaves the machine works in this process, whose account knows what it spends.

        Raises:
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If its vocabulary or model cannot be loaded, here or when it is first needed.
        """
        policy = self.phi if phi is None else phi
        folder = self.terms_folder(terms)
        if workers != 0 and extractor not in REMOTE_EXTRACTORS:
            from hctap_etl.processes import Processes

            recipe, size = self.recipe(extractor, terms, policy), self.count_workers(workers)
            with Processes(recipe, size, self.meter.stage, is_lazy=is_lazy) as crew:
                yield crew
            return
        from hctap_etl.crew import Alone
        from hctap_nlp.phi.guard import guard

        if extractor in REMOTE_EXTRACTORS:
            from hctap_remote.loading import load_remote_extractor

            options = replace(self.remote, max_cost=max_cost)
            stage = self.meter.stage
            engine, account = load_remote_extractor(extractor, options, self.vocabulary_folder, stage, terms=folder)
            yield Alone(guard(engine, policy), account)
            return
        yield Alone(guard(self.load_extractor(extractor, terms), policy))

    def recipe(self, extractor: str | None, terms: Path | None, phi: PhiPolicy | None = None) -> "Recipe":
        """What worker processes load their extractor from."""
        from hctap_etl.recipe import Recipe
        from hctap_nlp.extractors import DEFAULT_EXTRACTOR

        policy = self.phi if phi is None else phi
        return Recipe(extractor or DEFAULT_EXTRACTOR, self.vocabulary_folder, self.terms_folder(terms), policy)

    def count_workers(self, given: int | None) -> int:
        """How many worker processes there are to be: one at least, one a core unless said otherwise."""
        from hctap_etl.workers import count_cores

        return max(1, count_cores() if given is None else given)

    def require_database_url(self) -> str:
        """The address of the database.

        Raises:
            StoreUnavailable: If none is set.
        """
        if not self.database_url:
            raise StoreUnavailable(
                "No database is known.",
                remedy="Start the stack with `make up`, or set HCTAP_DATABASE_URL.",
            )
        return self.database_url

    def open_database(self) -> "Database":
        """The database, with the schema that this program needs.

        Raises:
            StoreUnavailable: If it does not answer.
            MigrationNeeded: If its schema is another one.
        """
        from hctap_stores.database import revisions
        from hctap_stores.database.connection import Database

        database = Database(self.require_database_url(), application="hctap-etl")
        try:
            revisions.require(database)
        except PlatformError:
            database.close()
            raise
        return database

    def open_lake(self) -> "Lake":
        """The lake, with its buckets in place.

        Raises:
            StoreUnavailable: If it does not answer.
        """
        from hctap_stores.lake.lake import Lake

        lake = Lake(self.lake_address)
        lake.prepare()
        return lake

    def open_lineage(self, lake: "Lake") -> "Lineage":
        """Where events of imports, runs and exports go: into the lake, and to the server that is set."""
        from hctap_etl.lineage.telling import open_lineage

        return open_lineage(lake, self.lineage_server)
