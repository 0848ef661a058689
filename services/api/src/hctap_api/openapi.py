"""The contract of the API as a file.

`python -m hctap_api.openapi FILE` writes it, `--check` only says whether the file is stale.
"""

import argparse
import json
import sys
from pathlib import Path

from hctap_api.application import Parts, assemble
from hctap_api.engine.workers import Workers
from hctap_api.routes.old import OldSettings
from hctap_api.sessions import Sessions
from hctap_stores.database.pool import Pool
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.lake import Lake


def render() -> str:
    """The OpenAPI as JSON, the same bytes each time; no store is needed."""
    url = "postgresql://127.0.0.1/hctap"
    workers = Workers(0, Path(), None)
    old = OldSettings("raw", "enriched")
    parts = Parts(
        pool=Pool(url),
        sessions=Sessions(url),
        lake=Lake(LakeAddress(old.raw_bucket, old.enriched_bucket)),
        workers=workers,
        dependencies={},
        old=old,
        allowed_hosts=(),
        ready_limit_seconds=1,
    )
    app = assemble(parts)
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(arguments: list[str] | None = None) -> int:
    """Write the file, or with `--check` return 1 where it does not hold the present contract."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    wanted = render().encode()
    is_fresh = given.file.is_file() and given.file.read_bytes() == wanted
    if given.check and not is_fresh:
        sys.stderr.write(f"stale: {given.file}; run `make contracts` and commit the result\n")
    if not given.check and not is_fresh:
        given.file.write_bytes(wanted)
    return 1 if given.check and not is_fresh else 0


if __name__ == "__main__":
    sys.exit(write())
