"""The ports that programs and stores listen on, said once."""

from typing import Final

API_PORT: Final = 8000
DASHBOARD_PORT: Final = 8501
# Asked from inside the container alone.
WORKER_PORT: Final = 8090
# Not the usual ones: a scan for 5432 and 6379 finds nothing.
DATABASE_PORT: Final = 5433
CACHE_PORT: Final = 6380
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
