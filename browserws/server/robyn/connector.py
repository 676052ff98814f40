"""`WebSocketConnector`: what handlers get, Robyn's names for what can be done with a connection"""

from __future__ import annotations

from urllib.parse import parse_qs

from .client import Client
from .switchboard import Switchboard


class QueryParams:
    """The query of a URL. A name may be there several times; values are percent-decoded."""

    def __init__(self, query: str = "") -> None:
        self._values = parse_qs(query, keep_blank_values=True)

    def get(self, key: str, default: str | None = None) -> str | None:
        """The last value of a name."""
        return self._values[key][-1] if key in self._values else default

    def get_first(self, key: str) -> str | None:
        return self._values[key][0] if key in self._values else None

    def get_all(self, key: str) -> list[str] | None:
        return self._values.get(key)

    def contains(self, key: str) -> bool:
        return key in self._values

    def empty(self) -> bool:
        return not self._values

    def to_dict(self) -> dict[str, list[str]]:
        return dict(self._values)


class WebSocketConnector:
    """`id` names the connection, in all processes. The `sync_` methods can be called from any thread and return at
    once; the `async_` ones wait while too much waits for who is sent to. What is sent to nobody is dropped.
    """

    def __init__(self, client: Client, switchboard: Switchboard, path: str, query: str) -> None:
        self.query_params = QueryParams(query)
        self._client = client
        self._switchboard = switchboard
        self._path = path

    @property
    def id(self) -> str:
        return self._client.id

    def sync_send_to(self, recipient_id: str, message: str) -> None:
        """Send a text to one connection. `TypeError` for what is not a `str`."""
        self._switchboard.soon(self._switchboard.send_to, recipient_id, _checked(message))

    async def async_send_to(self, recipient_id: str, message: str) -> None:
        self._switchboard.send_to(recipient_id, _checked(message))
        await self._switchboard.drained(recipient_id)

    def sync_broadcast(self, message: str) -> None:
        """Send a text to all connections of this path, this one too."""
        self._switchboard.soon(self._switchboard.broadcast, self._path, _checked(message))

    async def async_broadcast(self, message: str) -> None:
        self._switchboard.broadcast(self._path, _checked(message))
        await self._switchboard.all_drained(self._path)

    def close(self) -> None:
        """Close this connection with 1000, after what was sent to it."""
        self._switchboard.soon(self._client.close)


def _checked(message: str) -> str:
    if not isinstance(message, str):
        raise TypeError(f"a message is a str, not {type(message).__name__}")
    return message
