"""The hub in an application of Robyn 0.80 or later. Messages of bytes need Robyn 0.88."""

from __future__ import annotations

import asyncio
from typing import Any

from ...codes import ABNORMAL_CLOSURE, Close
from ..hub import Hub
from .adapted import AdaptedConnection, Request


class RobynConnection(AdaptedConnection):
    """Robyn shows no headers and no address. It keeps what waits for a client without saying how much, and closes
    without a code: pages see 1006."""

    def __init__(self, path: str, connector: Any) -> None:
        self._receive = connector.message_channel.receive
        self._id = connector.id
        self._send_text = connector.async_send_to
        self._send_bytes = connector.async_send_bytes_to
        self._drop = connector.close
        super().__init__(Request(path, None), None)

    async def read(self) -> str | bytes | Close | None:
        message: str | bytes | None = await self._receive()
        return Close(ABNORMAL_CLOSURE) if message is None else message

    async def send(self, message: str | bytes) -> None:
        await (self._send_text if isinstance(message, str) else self._send_bytes)(self._id, message)

    async def send_close(self, code: int, reason: str) -> None:
        self._drop()

    def abort(self) -> None:
        super().abort()
        self._drop()


def attach(hub: Hub, app: Any, path: str) -> None:
    """The hub at that path of the application, which it starts and stops with it.

    Raises `ValueError` unless the hub allows pages of all origins: Robyn does not say of which one a page is.
    """
    if "*" not in hub.settings.origins:
        raise ValueError('Robyn does not say of which origin a page is: allow all with Settings(origins=("*",))')
    from robyn.robyn import FunctionInfo

    serving: set[asyncio.Task[None]] = set()

    async def connect(ws: Any) -> None:
        task = asyncio.create_task(RobynConnection(path, ws).serve(hub))
        serving.add(task)
        task.add_done_callback(serving.discard)

    async def message(ws: Any, text: Any) -> None:
        """The channel has them."""

    async def close(ws: Any) -> None:
        """The channel ends."""

    handlers = {"connect": (connect, ["ws"]), "message": (message, ["ws", "text"]), "close": (close, ["ws"])}
    infos: dict[str, Any] = {
        kind: FunctionInfo(function, True, len(names), dict.fromkeys(names), {})
        for kind, (function, names) in handlers.items()
    }
    app.add_web_socket(path, {**infos, "_use_channel": True})  # which 0.80 to 0.87 want to be told
    app.startup_handler(hub.start)
    app.shutdown_handler(hub.stop)
