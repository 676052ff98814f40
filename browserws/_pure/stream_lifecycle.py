"""The life of one WebSocketStream: its states, and the one table that moves between them.

Theory of operation. Two things end a stream, in either order: its `closed` promise says how, and its `readable` has
no more messages. It is finished when both have happened; one that was never open has no messages to wait for.
"""

from .state_table import StateTable

CONNECTING = "CONNECTING"
CANCELLED = "CANCELLED"  # close() was called before it was open
OPEN = "OPEN"
CLOSING = "CLOSING"  # close() was called
DRAINED = "DRAINED"  # the last message has come, the end is yet to be known
ENDED = "ENDED"  # it is known how it ended, and messages still come
FINISHED = "FINISHED"

OPENED = "opened"
CLOSE_ASKED = "close asked"
LAST_MESSAGE = "last message"
END = "end"

TABLE = StateTable(
    "a stream",
    {
        (CONNECTING, OPENED): OPEN,
        (CONNECTING, CLOSE_ASKED): CANCELLED,
        (CONNECTING, END): FINISHED,
        (CANCELLED, OPENED): CLOSING,
        (CANCELLED, END): FINISHED,
        (OPEN, CLOSE_ASKED): CLOSING,
        (OPEN, LAST_MESSAGE): DRAINED,
        (OPEN, END): ENDED,
        (CLOSING, LAST_MESSAGE): DRAINED,
        (CLOSING, END): ENDED,
        (DRAINED, CLOSE_ASKED): DRAINED,
        (DRAINED, END): FINISHED,
        (ENDED, CLOSE_ASKED): ENDED,
        (ENDED, LAST_MESSAGE): FINISHED,
    },
)
