"""The life of one socket: its states, and the one table that moves between them.

Theory of operation. A socket holds its state in one variable. Whatever happens to it is one of the
triggers below, and `TABLE.move(state, trigger)` answers with the next state or raises.

FAILED is the moment between the browser's `error` event and its `close` event. JavaScript shows
it as readyState 3, like CLOSED; here it has a name, because the close is yet to be announced.
"""

from .state_table import StateTable

CONNECTING = "CONNECTING"
OPEN = "OPEN"
CLOSING = "CLOSING"
FAILED = "FAILED"
CLOSED = "CLOSED"

OPENED = "opened"  # the browser's open event
CLOSE_ASKED = "close asked"  # close() was called on this side
PEER_CLOSING = "peer closing"  # the browser has begun to close, its close event is still to come
FAILURE = "failure"  # the browser's error event
ENDED = "ended"  # the browser's close event, or the end of the wait for it

TABLE = StateTable(
    "a socket",
    {
        (CONNECTING, OPENED): OPEN,
        (CONNECTING, CLOSE_ASKED): CLOSING,
        (CONNECTING, FAILURE): FAILED,
        (CONNECTING, ENDED): CLOSED,
        (OPEN, CLOSE_ASKED): CLOSING,
        (OPEN, PEER_CLOSING): CLOSING,
        (OPEN, FAILURE): FAILED,
        (OPEN, ENDED): CLOSED,
        (CLOSING, FAILURE): FAILED,
        (CLOSING, ENDED): CLOSED,
        (FAILED, ENDED): CLOSED,
    },
)

# WHATWG WebSockets §3.1: the numbers of the readyState attribute
READY_STATE = {CONNECTING: 0, OPEN: 1, CLOSING: 2, FAILED: 3, CLOSED: 3}
