"""What a hub allows, and for how long it waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """All times are seconds, all sizes bytes."""

    origins: tuple[str, ...] = ()  # pages that may connect, beside those of the hub's own host; "*": all
    max_connections: int = 10_000  # then 1013
    max_message: int = 64 * 1024  # of a frame from a client; then 1009
    max_channels: int = 1000  # that one client joins
    rate: float = 100  # frames a second that are read from one client; more wait in its browser
    max_queue: int = 1024 * 1024  # that wait for one client; then 4408
    handshake_timeout: float = 10  # for the handshake, and then for the hello; then 4408
    idle_timeout: float = 90  # without any frame; then 4408
    close_timeout: float = 5  # for a client's answer to a close
    drain_timeout: float = 10  # for all of them, when the hub stops
    presence_grace: float = 5  # from a lost connection to the news that a member has gone
    session_ttl: float = 120  # from a lost connection to when its publishes cannot be told from new ones
    history: int = 1000  # messages that are kept of a channel ...
    history_bytes: int = 1024 * 1024  # ... and their size (in memory only) ...
    history_ttl: float = 3600  # ... and for how long after the last one
