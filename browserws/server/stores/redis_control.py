"""Reads from Redis what the program does past channels: who is to be removed, and what is sent to pages."""

from __future__ import annotations

from . import Listener
from .redis_client import HUB, texts_of
from .redis_reader import Item, StreamReader


class ControlReader(StreamReader):
    """Reads who is to be removed, and what is sent past channels."""

    async def start(self, listener: Listener) -> None:
        self._listener = listener
        await self.add_end(self._client.key("control", HUB), self._client.key("direct", HUB))

    async def take(self, key: str, items: list[Item]) -> None:
        for _, fields in items:
            if key == self._client.key("direct", HUB):
                payload = fields[b"b"] if b"b" in fields else fields[b"j"].decode()
                self._listener.on_direct(fields[b"to"].decode(), fields[b"name"].decode(), payload)
            else:
                texts = texts_of(fields)
                self._listener.on_removed(texts["c"], texts["r"], texts["w"])
