"""What a hub allows, and for how long it waits: each setting with its default, its limits and its explanation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .._pure import numbers

KIB = 1024
MIB = 1024 * KIB


def _setting(default: Any, says: str, least: float = 0, more_than: float | None = None) -> Any:
    return field(default=default, metadata={"says": says, "least": least, "more_than": more_than})


@dataclass(frozen=True)
class Settings:
    """Times are seconds, sizes bytes, rates per second. Raises `TypeError`, and `ValueError` for values out of range.

    Of what a client may use, a user may use four times and an address 200 times as much, but make no more than 20 times
    as many channels (`budget.py`).
    """

    origins: tuple[str, ...] = _setting((), "pages that may connect, beside those of the hub's own host; * for all")
    hosts: tuple[str, ...] = _setting((), "names of the hub's own host, beside localhost and IP addresses")
    proxies: int = _setting(0, "how many proxies in front of the hub add the client's address to X-Forwarded-For")
    max_connections: int = _setting(10_000, "connections at once; then 1013", least=1)
    max_message: int = _setting(64 * KIB, "bytes of the largest frame from a client; then 1009", least=512)
    max_channels: int = _setting(1000, "channels that one client joins, and that it may make at once", least=1)
    channel_rate: float = _setting(1.0, "channels a second that one client may make beyond that", more_than=0)
    max_calls: int = _setting(100, "calls of one client that are answered at once; then too_many", least=1)
    rate: float = _setting(100.0, "frames a second that are read from one client, pings included", more_than=0)
    byte_rate: float = _setting(256.0 * KIB, "bytes a second that are read from one client", more_than=0)
    byte_burst: int = _setting(1 * MIB, "bytes that are read from one client at once", least=KIB)
    replay_rate: float = _setting(1.0 * MIB, "bytes of history a second that are sent to one client", more_than=0)
    replay_burst: int = _setting(16 * MIB, "bytes of history that one client gets at once", least=KIB)
    max_queue: int = _setting(1 * MIB, "bytes that may wait for one client; then 4408", least=KIB)
    max_queues: int = _setting(256 * MIB, "bytes that may wait for all clients; then 4408", least=KIB)
    backlog: int = _setting(4096, "connections that may wait to be accepted", least=1)
    handshake_timeout: float = _setting(10.0, "seconds to wait for a client's hello; then 4408", more_than=0)
    idle_timeout: float = _setting(90.0, "idle timeout: seconds without a frame; then 4408", more_than=0)
    close_timeout: float = _setting(5.0, "seconds for a client's answer to a close", more_than=0)
    handler_timeout: float = _setting(10.0, "seconds that a handler of the hub's program may take", more_than=0)
    call_timeout: float = _setting(30.0, "seconds that a function may take which a page calls", more_than=0)
    drain_timeout: float = _setting(10.0, "seconds that clients have when the hub stops")
    store_timeout: float = _setting(8.0, "seconds without an answer from Redis; then 1013 for all", more_than=0)
    presence_grace: float = _setting(5.0, "seconds without a connection after which a member has left")
    session_ttl: float = _setting(120.0, "seconds without a connection after which a session is forgotten", least=1)
    history: int = _setting(1000, "messages that are kept of a channel", least=1)
    history_bytes: int = _setting(1 * MIB, "bytes that are kept of a channel", least=KIB)
    history_ttl: float = _setting(3600.0, "seconds after its last message that a channel's history is kept", least=1)
    store_channels: int = _setting(100_000, "channels that there may be, without Redis; then too_many", least=1)
    store_bytes: int = _setting(256 * MIB, "bytes of all histories, without Redis; then the oldest expire", least=KIB)

    def __post_init__(self) -> None:
        for setting in fields(self):
            if not isinstance(setting.default, tuple):
                object.__setattr__(self, setting.name, _checked(setting, getattr(self, setting.name)))

    @property
    def remembered(self) -> float:
        """For so long it is known at least which publishes were made. A page may send one again while its session
        is kept, and a hub keeps it that does not know yet that the connection is lost.
        """
        return 2 * (self.session_ttl + self.idle_timeout)

    @property
    def channel_ttl(self) -> float:
        """For so long a channel is known after its last message, also when the messages are not kept any more."""
        return max(self.history_ttl, self.remembered)


def _checked(setting: Any, value: Any) -> Any:
    value = numbers.finite(setting.name, value, setting.metadata["least"], setting.metadata["more_than"])
    return int(numbers.whole(setting.name, value)) if isinstance(setting.default, int) else value
