"""The ground on which chaos is made: stores behind proxies, two lakes, and what undisturbed runs of them leave."""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from tests.chaos.disk import Disk, small_disk
from tests.chaos.nest import POISON, Nest
from tests.chaos.proxy import Proxy
from tests.integration.aftermath import Aftermath, look_at

from hctap_core.notes import note_from_record
from hctap_core.sources.records import SourceRecord
from hctap_embedded.stack import Stack
from hctap_etl.intake import Intake, IntakeOptions
from hctap_nlp.extractors import load_extractor
from hctap_stores.database import revisions
from hctap_stores.database.connection import Database
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.lake import Lake

_SAMPLES: Final = Path(__file__).parents[2] / "samples"
_TEMPLATE: Final = "chaos_template"
# A stack on a disk of one gigabyte: the log of PostgreSQL must not take it all.
_SMALL_LOG: Final = ("max_wal_size = '96MB'", "min_wal_size = '32MB'")
RAW: Final = {"plain": "chaos-raw", "poisoned": "chaos-raw-poisoned"}


@dataclass(frozen=True)
class Place:
    """A database and an enriched bucket of their own, over one of the lakes."""

    name: str
    lake: str
    database_url: str
    address: LakeAddress

    def look(self, run_id: str = "R") -> Aftermath:
        """What a run left."""
        with Database(self.database_url) as database:
            return look_at(Lake(self.address), database, run_id)


@dataclass
class Ground:
    """The stores, the proxies before them, and where commands come from."""

    stack: Stack
    nest: Nest
    folder: Path
    database: Proxy
    s3: Proxy
    disk: Disk | None
    calm: dict[str, Aftermath] = field(default_factory=dict)
    traffic: dict[str, tuple[int, int]] = field(default_factory=dict)

    def settings(self, place: Place) -> dict[str, str]:
        """The settings of a command that works at a place: its stores answer through the proxies."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            **self.stack.addresses().environment(),
            "HCTAP_HOME": str(self.stack.home),
            "HCTAP_DATABASE_URL": _through(place.database_url, self.database.port),
            "AWS_ENDPOINT_URL": _through(str(place.address.endpoint_url), self.s3.port),
            "AWS_EC2_METADATA_DISABLED": "true",
            "HCTAP_RAW_BUCKET": place.address.raw_bucket,
            "HCTAP_ENRICHED_BUCKET": place.address.enriched_bucket,
            "HCTAP_HEARTBEAT_SECONDS": "1",
            "HCTAP_LOG_LEVEL": "INFO",
        }

    @contextmanager
    def place(self, name: str, lake: str = "plain") -> Iterator[Place]:
        """Stores for one run; they are gone afterwards."""
        bucket = f"chaos-{name}"
        self._execute(f"CREATE DATABASE {_word(name)} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        address = replace(self.address(), raw_bucket=RAW[lake], enriched_bucket=bucket)
        Lake(address).prepare()
        url = self.stack.addresses().database_url.rpartition("/")[0] + f"/{_word(name)}"
        yield Place(name, lake, url, address)
        self._execute(f"DROP DATABASE {_word(name)} WITH (FORCE)")
        _erase_bucket(Lake(address))

    def address(self) -> LakeAddress:
        """Where the lake is, without proxies."""
        environment = self.stack.addresses().environment()
        return LakeAddress(
            RAW["plain"],
            "chaos-none",
            environment["AWS_ENDPOINT_URL"],
            environment["AWS_DEFAULT_REGION"],
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
        )

    def prepare(self) -> None:
        """Fill the lakes, and make the database that all others are copies of."""
        for setting in _SMALL_LOG:
            self._execute(f"ALTER SYSTEM SET {setting}")
        self._execute("SELECT pg_reload_conf()")
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        revisions.upgrade(self.stack.addresses().database_url.rpartition("/")[0] + f"/{_TEMPLATE}")
        for lake, bucket in RAW.items():
            made = Lake(replace(self.address(), raw_bucket=bucket))
            made.prepare()
            Intake(made.raw, IntakeOptions(source="chaos")).take(_records(lake), lambda _: None)
            for key, data in (("notes/bad.json", b"bad"), ("notes/empty.json", b""), ("0000.json", b"\xff")):
                made.raw.write(key, data)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.stack.addresses().database_url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def open_ground(folder: Path, vocabulary: Path | None = None) -> Iterator[Ground]:
    """Everything that chaos needs, in a folder with a short path; `vocabulary` is where one is compiled already."""
    home = folder / "home"
    home.mkdir()
    with ExitStack() as opened:
        disk = opened.enter_context(small_disk(home))
        stack = Stack(home)
        opened.callback(stack.erase)
        addresses = stack.up(("postgres", "s3"))
        compiled = vocabulary or folder / "vocabulary"
        load_extractor("rules", compiled)
        nest = opened.enter_context(Nest(compiled))
        proxies = [
            opened.enter_context(Proxy(urlsplit(url).port or 0))
            for url in (addresses.database_url, addresses.s3_endpoint)
        ]
        ground = Ground(stack, nest, folder, proxies[0], proxies[1], disk)
        ground.prepare()
        yield ground


def _records(lake: str) -> Iterator[SourceRecord]:
    halves = [(_SAMPLES / half / "notes.jsonl").read_text(encoding="utf-8") for half in ("dev", "test")]
    texts = [json.loads(line)["text"] for line in "".join(halves).split("\n") if line]
    if lake == "poisoned":
        texts.insert(len(texts) // 2, f"Fever and cough. {POISON} No rash.")
    # Two notes have the text of another.
    for number, text in enumerate(itertools.chain(texts, texts[:2])):
        note = note_from_record({"note_id": f"n{number:03}", "specialty": "Any", "text": text})
        yield SourceRecord(note.note_id, b"", note)


def _through(url: str, port: int) -> str:
    old = urlsplit(url)
    return url.replace(f":{old.port}", f":{port}", 1)


def _word(name: str) -> str:
    return "chaos_" + name.replace("-", "_")


def _erase_bucket(lake: Lake) -> None:
    client, bucket = lake._client, lake.enriched.name
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]
    client.delete_bucket(Bucket=bucket)
