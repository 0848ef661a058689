"""The extractor that all tests of the ETL share."""

from tests.etl.conftest import extractor

__all__ = ["extractor"]
