"""The contract of the API as a file."""

import json

from hctap_api.application import Parts, assemble
from hctap_stores.database.pool import Pool


def render() -> str:
    """The OpenAPI as JSON, the same bytes each time; no store is needed."""
    pool = Pool("postgresql://127.0.0.1/hctap")
    app = assemble(Parts(pool=pool, dependencies={}, allowed_hosts=(), ready_limit_seconds=1))
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
