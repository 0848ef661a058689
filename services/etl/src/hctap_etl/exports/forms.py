"""The forms that an export may have."""

from enum import StrEnum


class Form(StrEnum):
    """The forms that an export may have."""

    CSV = "csv"
    PARQUET = "parquet"
    OMOP = "omop"
    FHIR = "fhir"
    COMPREHEND = "comprehend"
