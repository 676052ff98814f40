"""How a request or a connection ends other than by an answer: exceptions that no client and no program sees."""

from __future__ import annotations


class Refused(Exception):
    """The request is answered with an error message; `code` is one of `_pure.protocol`'s."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Ended(Exception):
    """The hub closes the connection with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Disconnected(Exception):
    """The connection is closed: its requests are not answered any more."""
