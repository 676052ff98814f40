"""Close codes: their names, what each is called in messages, and which of them a page may send.

The numbers are registered by RFC 6455 §7.4 and IANA's "WebSocket Close Code Number Registry".

    1000-2999  the protocol and its extensions
    3000-3999  libraries and frameworks, registered with IANA
    4000-4999  private agreement between a page and its server
"""

NORMAL_CLOSURE = 1000
GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
UNSUPPORTED_DATA = 1003
NO_STATUS_RCVD = 1005  # never sent: stands for a close frame without a code
ABNORMAL_CLOSURE = 1006  # never sent: stands for a connection lost without a close frame
INVALID_DATA = 1007
POLICY_VIOLATION = 1008
MESSAGE_TOO_BIG = 1009
MANDATORY_EXTENSION = 1010
INTERNAL_ERROR = 1011
SERVICE_RESTART = 1012
TRY_AGAIN_LATER = 1013
BAD_GATEWAY = 1014
TLS_HANDSHAKE = 1015  # never sent: stands for a failed TLS handshake

# What this package says in place of 1009 and 1011, which a page may not send.
PAGE_MESSAGE_TOO_BIG = 4009
PAGE_INTERNAL_ERROR = 4011

# By custom, after HTTP's status codes.
BAD_MESSAGE = 4400  # not the protocol that was agreed on
UNAUTHORIZED = 4401  # the token is missing or too old
FORBIDDEN = 4403  # this page may not connect
TOO_SLOW = 4408  # the client does not keep up; it may reconnect
CONFLICT = 4409  # the session is used by another connection, or was forgotten: reconnect

# After these codes of a server another attempt would have the same end. (4400 to 4499 likewise, after
# HTTP's 4xx, but for 4408 and 4409; 4401 is for `ReliableWebSocket` to decide, which may have a fresh token.)
FINAL_CODES = (
    NORMAL_CLOSURE,
    PROTOCOL_ERROR,
    UNSUPPORTED_DATA,
    INVALID_DATA,
    POLICY_VIOLATION,
    MESSAGE_TOO_BIG,
    MANDATORY_EXTENSION,
)

EXPLANATIONS = {
    NORMAL_CLOSURE: "OK",
    GOING_AWAY: "going away",
    PROTOCOL_ERROR: "protocol error",
    UNSUPPORTED_DATA: "unsupported data",
    NO_STATUS_RCVD: "no status received [internal]",
    ABNORMAL_CLOSURE: "abnormal closure [internal]",
    INVALID_DATA: "invalid frame payload data",
    POLICY_VIOLATION: "policy violation",
    MESSAGE_TOO_BIG: "message too big",
    MANDATORY_EXTENSION: "mandatory extension",
    INTERNAL_ERROR: "internal error",
    SERVICE_RESTART: "service restart",
    TRY_AGAIN_LATER: "try again later",
    BAD_GATEWAY: "bad gateway",
    TLS_HANDSHAKE: "TLS handshake failure [internal]",
}


class Close:
    """A close frame: `code` (int) and `reason` (str), as `websockets.frames.Close` has them.

    `str(close)` reads `"1001 (going away) see you"`.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        self.code = code
        self.reason = reason

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Close) and (self.code, self.reason) == (other.code, other.reason)

    def __hash__(self) -> int:
        return hash((self.code, self.reason))

    def __repr__(self) -> str:
        return f"Close(code={self.code!r}, reason={self.reason!r})"

    def __str__(self) -> str:
        text = f"{self.code} ({_explanation(self.code)})"
        return f"{text} {self.reason}" if self.reason else text


def _explanation(code: int) -> str:
    if 3000 <= code < 4000:
        return "registered"
    if 4000 <= code < 5000:
        return "private use"
    return EXPLANATIONS.get(code, "unknown")


def may_be_sent(code: int) -> bool:
    """Whether a page may close with `code`: 1000 or 3000-4999 (WHATWG WebSockets §3.1, `close()`)."""
    return code == NORMAL_CLOSURE or 3000 <= code <= 4999


def worth_retry(code: int) -> bool:
    """Whether a new connection makes sense after a server closed one with `code`."""
    return code in (TOO_SLOW, CONFLICT) or (code not in FINAL_CODES and not 4400 <= code <= 4499)
