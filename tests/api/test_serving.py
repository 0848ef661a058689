"""How answers are put on the wire."""

import asyncio
from collections.abc import Iterable

import httpx
import pytest

from hctap_api.serving import GatheringTransport


class Wire(asyncio.Transport):
    """Keeps what is sent, call by call."""

    def __init__(self) -> None:
        super().__init__({"peername": ("10.0.0.7", 4711)})
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.sent.append(b"".join(list_of_data))

    def close(self) -> None:
        self.sent.append(b"(closed)")


def test_the_head_goes_with_the_body_and_nothing_is_held_back_longer_than_a_turn() -> None:
    async def write() -> list[bytes]:
        wire = Wire()
        transport = GatheringTransport(wire, asyncio.get_running_loop())
        transport.write(b"head ")
        assert wire.sent == []
        transport.write(b"body")
        assert wire.sent == [b"head body"]
        await asyncio.sleep(0)
        transport.write(b"later")
        await asyncio.sleep(0)
        assert transport.get_extra_info("peername") == ("10.0.0.7", 4711)
        return wire.sent

    assert asyncio.run(write()) == [b"head body", b"later"]


def test_nothing_is_lost_at_the_end() -> None:
    async def write() -> list[bytes]:
        wire = Wire()
        transport = GatheringTransport(wire, asyncio.get_running_loop())
        for piece in (b"head", b"body", b"end"):
            transport.write(piece)
        transport.close()
        await asyncio.sleep(0)
        return wire.sent

    assert asyncio.run(write()) == [b"headbody", b"end", b"(closed)"]


@pytest.mark.stack
def test_an_answer_to_head_and_one_without_a_body_are_whole(api_url: str) -> None:
    with httpx.Client(base_url=api_url) as client:
        for _ in range(3):
            assert client.get("/health").status_code == 200
            assert client.request("OPTIONS", "/health").status_code == 405
            assert client.get("/v1/entities", headers={"Connection": "close"}).status_code == 404
