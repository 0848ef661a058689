"""What earlier processes of a run have spent on a service."""

from hctap_etl.crew import Alone, Crew
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun


def charge_earlier(crew: Crew, database: Database, stored: StoredRun) -> None:
    """Put on the crew's account what the run has cost so far, so that a limit holds for all of the run."""
    if isinstance(crew, Alone) and crew.account is not None:
        with database.transaction() as connection:
            crew.account.spent += runs.count_notes(connection, stored.run_no).usage.get("cost_usd", 0.0)
