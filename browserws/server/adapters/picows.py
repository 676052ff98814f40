"""The hub on a port of its own over picows, which reads handshakes and frames in Cython: `--engine picows`.

Needs `pip install "browserws-server[fast]"`. How it differs from `serving.serve`: docs/how-to/frameworks.md.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ..answers import Answers, Pages
from ..hub import Hub
from .picows_connection import PicowsConnection


class serve:
    """As `serving.serve`; `options` are those of `loop.create_server`."""

    def __init__(
        self,
        hub: Hub,
        host: str | None = None,
        port: int | None = None,
        *,
        metrics: bool = True,
        pages: Pages | None = None,
        **options: Any,
    ) -> None:
        self._hub = hub
        self._answers = Answers(hub, metrics, pages)
        self._options = {"host": host, "port": port, "backlog": hub.settings.backlog, **options}
        self.connections: set[PicowsConnection] = set()

    async def __aenter__(self) -> serve:
        await self._hub.start()
        try:
            self._server = await asyncio.get_running_loop().create_server(self._connection, **self._options)
        except BaseException:
            await self._hub.stop()
            raise
        self.sockets = self._server.sockets
        return self

    def _connection(self) -> PicowsConnection:
        return PicowsConnection(self._hub, self._answers, self.connections)

    async def __aexit__(self, *exception: object) -> None:
        self._hub.is_draining = True
        self._server.close()
        await self._hub.stop()
        left = list(self.connections)
        for connection in left:
            connection.abort()
        for connection in left:
            await connection.ended()
        await self._server.wait_closed()
