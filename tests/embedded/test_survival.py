"""kill -9 of every process in the middle of writing: nothing that was acknowledged is lost."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from hctap_embedded.addresses import Addresses
from hctap_embedded.stack import STORES, Stack
from hctap_embedded.wheels import postgres_program

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The writers find their store dead in the middle of a sentence; how their clients say so is not the question here.
WRITE_SECONDS = 0.6


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("survival"))
    try:
        yield stack
    finally:
        stack.erase()


def write_rows(addresses: Addresses) -> int:
    """Insert rows one commit each until the server dies; how many commits were acknowledged."""
    psql = [str(postgres_program("psql")), "-X", "-A", "-t", "-q", "-d", addresses.database_url]
    script = "INSERT INTO kept DEFAULT VALUES RETURNING number;\n" * 50_000
    done = subprocess.run(psql, check=False, input=script, capture_output=True, text=True)
    return len(done.stdout.split())


def read_rows(addresses: Addresses) -> int:
    psql = [str(postgres_program("psql")), "-X", "-A", "-t", "-d", addresses.database_url]
    command = [*psql, "-c", "SELECT count(*) FROM kept"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def talk_to_valkey(addresses: Addresses, count: int, command: str, answer: bytes) -> int:
    """Send `count` commands one by one; how many of them got `answer`."""
    address, got = urlsplit(addresses.redis_url), 0
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        lines = connection.makefile("rb")
        connection.sendall(f"AUTH {address.password}\r\n".encode())
        assert lines.readline() == b"+OK\r\n"
        try:
            for number in range(count):
                connection.sendall(command.format(number).encode())
                if lines.readline() != answer:
                    break
                got += 1
        except ConnectionError:
            pass
        finally:
            lines.close()
    return got


def write_keys(addresses: Addresses) -> int:
    return talk_to_valkey(addresses, 1_000_000, "SET key:{0} value\r\n", b"+OK\r\n")


def read_keys(addresses: Addresses) -> int:
    return talk_to_valkey(addresses, 1_000_000, "EXISTS key:{0}\r\n", b":1\r\n")


def open_bucket(addresses: Addresses) -> S3Store:
    return S3Store(
        "kept",
        endpoint=addresses.s3_endpoint,
        access_key_id=addresses.access_key_id,
        secret_access_key=addresses.secret_access_key,
        region="us-east-1",
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


def body_of(number: int) -> bytes:
    return f"{number:08d}".encode() * 256


def write_objects(addresses: Addresses) -> int:
    store = open_bucket(addresses)
    for number in range(1_000_000):
        try:
            store.put(f"notes/{number}.json", body_of(number), mode="create")
        except BaseError:
            return number
    return 0


def read_objects(addresses: Addresses) -> int:
    store = open_bucket(addresses)
    number = 0
    try:
        while bytes(store.get(f"notes/{number}.json").bytes()) == body_of(number):
            number += 1
    except FileNotFoundError:
        pass
    return number


def kill_family(pid: int | None) -> None:
    process = psutil.Process(pid)
    for member in (process, *process.children(recursive=True)):
        os.kill(member.pid, signal.SIGKILL)


Writer = Callable[[Addresses], int]


def test_what_was_acknowledged_is_there_after_a_kill(own: Stack) -> None:
    addresses = own.up()
    prepare_stores(addresses)
    pairs: dict[str, tuple[Writer, Writer]] = {
        "postgres": (write_rows, read_rows),
        "valkey": (write_keys, read_keys),
        "s3": (write_objects, read_objects),
    }
    acknowledged: dict[str, int] = {}
    threads = [
        threading.Thread(target=lambda name=name, write=write: acknowledged.update({name: write(addresses)}))
        for name, (write, _) in pairs.items()
    ]
    for thread in threads:
        thread.start()
    time.sleep(WRITE_SECONDS)
    for status in own.status():
        if status.name in STORES:
            kill_family(status.pid)
    for thread in threads:
        thread.join()
    assert own.up() == addresses
    found = {name: read(addresses) for name, (_, read) in pairs.items()}
    with open_client(addresses) as client:
        buckets = client.list_buckets()["Buckets"]
        assert {bucket["Name"] for bucket in buckets} == {"kept", "bare"}, "a bucket without objects is one"
        assert client.list_objects_v2(Bucket="bare")["KeyCount"] == 0
    assert all(acknowledged[name] > 10 for name in pairs), "the writers were at work"
    # One write may have been done and not yet acknowledged.
    assert all(acknowledged[name] <= found[name] <= acknowledged[name] + 1 for name in pairs), (acknowledged, found)


def prepare_stores(addresses: Addresses) -> None:
    psql = [str(postgres_program("psql")), "-X", "-q", "-d", addresses.database_url]
    subprocess.run([*psql, "-c", "CREATE TABLE kept (number serial PRIMARY KEY)"], check=True)
    with open_client(addresses) as client:
        for bucket in ("kept", "bare"):
            client.create_bucket(Bucket=bucket)


@contextmanager
def open_client(addresses: Addresses) -> "Iterator[S3Client]":
    client = boto3.client(
        "s3",
        endpoint_url=addresses.s3_endpoint,
        aws_access_key_id=addresses.access_key_id,
        aws_secret_access_key=addresses.secret_access_key,
        region_name="us-east-1",
    )
    try:
        yield client
    finally:
        client.close()
