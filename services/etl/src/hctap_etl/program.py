"""What the entry point hands to every command."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from hctap_core.errors import PlatformError, StoreUnavailable
from hctap_etl.progress import Meter
from hctap_stores.lake.address import LakeAddress

if TYPE_CHECKING:
    from hctap_nlp.extractors import SpanReader
    from hctap_stores.database.connection import Database
    from hctap_stores.lake.lake import Lake


@dataclass(frozen=True)
class Program:
    """The settings as values, and where to print; stores are opened by the commands that need them."""

    home: Path
    database_url: str | None
    lake_address: LakeAddress
    out: Console
    err: Console

    @property
    def meter(self) -> Meter:
        """Where progress is shown."""
        return Meter(self.err)

    @property
    def vocabulary_folder(self) -> Path:
        """Where compiled vocabularies are kept."""
        return self.home / "vocabulary"

    def load_extractor(self, name: str | None) -> "SpanReader":
        """The extractor of that name, or the default one; compiles the vocabulary on first use.

        Raises:
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If its vocabulary or model cannot be loaded.
        """
        from hctap_nlp.extractors import DEFAULT_EXTRACTOR, load_extractor

        return load_extractor(name or DEFAULT_EXTRACTOR, self.vocabulary_folder, self.meter.stage)

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
