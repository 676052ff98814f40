"""`Switchboard`: the connections of this process, by path and by id, and the way to those of others"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import ParamSpec

from .client import Client
from .fanout import Fanout

log = logging.getLogger("browserws.server")

P = ParamSpec("P")
SLOW = 1  # seconds for which who broadcasts waits for those that are slow to read


class Switchboard:
    """Made in the event loop in which the connections are. `fanout` leads to other processes, if there are some."""

    def __init__(self) -> None:
        self.fanout: Fanout | None = None
        self._by_id: dict[str, Client] = {}
        self._by_path: dict[str, set[Client]] = {}
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def add(self, path: str, client: Client) -> None:
        self._by_id[client.id] = client
        self._by_path.setdefault(path, set()).add(client)

    def remove(self, path: str, client: Client) -> None:
        del self._by_id[client.id]
        self._by_path[path].remove(client)

    def soon(self, function: Callable[P, None], *arguments: P.args, **options: P.kwargs) -> None:
        """Call it in the event loop: now, if this is its thread."""
        if threading.get_ident() == self._thread:
            function(*arguments, **options)
        else:
            self._loop.call_soon_threadsafe(lambda: function(*arguments, **options))

    def broadcast(self, path: str, text: str) -> None:
        """To all connections of a path, here and elsewhere."""
        self.deliver(path, None, text)
        if self.fanout is not None:
            self.fanout.publish(path, None, text)

    def send_to(self, recipient_id: str, text: str) -> None:
        """To one connection, here or elsewhere."""
        if recipient_id in self._by_id:
            self.deliver("", recipient_id, text)
        elif self.fanout is not None:
            self.fanout.publish("", recipient_id, text)
        else:
            log.warning("there is no connection %r: what was sent to it is dropped", recipient_id)

    def deliver(self, path: str, recipient_id: str | None, text: str) -> None:
        """To those here: all of a path, or the one with that id, if it is here."""
        data = text.encode()
        if recipient_id is None:
            for client in self._by_path.get(path, ()):
                client.write(data)
        elif recipient_id in self._by_id:
            self._by_id[recipient_id].write(data)

    async def drained(self, recipient_id: str) -> None:
        if recipient_id in self._by_id:
            await self._by_id[recipient_id].drained()
        elif self.fanout is not None:
            await self.fanout.drained()

    async def all_drained(self, path: str) -> None:
        """Until all connections of a path have read what was sent: at most a second, for a slow one is not to hold up
        the others."""
        try:
            async with asyncio.timeout(SLOW):
                for client in list(self._by_path.get(path, ())):
                    await client.drained()
        except TimeoutError:
            pass
        if self.fanout is not None:
            await self.fanout.drained()
