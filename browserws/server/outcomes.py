"""How a request or a connection ends other than by an answer. Programs raise `Refused`; the others stay in the hub."""

from __future__ import annotations

from .._pure.protocol import NOT_ALLOWED

# Refusals that only the program causes, beside those of `_pure.protocol`.
FAILED = "failed"
TIMED_OUT = "timeout"
UNKNOWN_CALL = "unknown_call"
BAD_ARGUMENTS = "bad_arguments"


class Refused(Exception):
    """Raised by a handler, by a function that pages call, or by `authorize`: the page gets `reason` and `code`.

    `code` is one of PROTOCOL.md's, or a word of your own.
    """

    def __init__(self, reason: str, code: str = NOT_ALLOWED) -> None:
        super().__init__(reason, code)
        self.reason = reason
        self.code = code


class Ended(Exception):
    """The hub closes the connection with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Disconnected(Exception):
    """The connection is closed: its requests are not answered any more."""
