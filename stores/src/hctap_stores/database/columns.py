"""The columns that tables share, and the names of what belongs to them."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, MetaData, Text, func

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)


def key_column(name: str, *more: ForeignKey, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """An id or object key."""
    # Ids and object keys sort by code point, as Python and S3 sort them, whatever the server's locale.
    return Column(name, Text(collation="C"), *more, primary_key=primary_key, nullable=nullable)


def moment(name: str, *, nullable: bool = True, now: bool = False) -> Column[object]:
    """A point in time."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if now else None)


def run_column() -> Column[int]:
    """The run that a row belongs to, as a part of its key."""
    return Column("run_no", Integer, ForeignKey("runs.run_no", ondelete="CASCADE"), primary_key=True)


def run_of_result() -> Column[int]:
    """The run of a result or of a row of the ledger, as a part of its key."""
    # No reference: a check for each row costs as much as its COPY. The commit of a shard and the plan hold the run's
    # row, and triggers erase the results of a run that goes.
    return Column("run_no", Integer, primary_key=True, autoincrement=False)


def flag(name: str) -> Column[bool]:
    """A yes or no."""
    return Column(name, Boolean, nullable=False)
