"""The reconnection state machine: its states, the one table that moves between them, and what is to be done.

Theory of operation. A `Reconnection` is given what happens, and when, by its methods; it answers by adding
to `actions`, which its owner carries out in order. It reads no clock, has no random source of its own and calls
nobody, so whatever it does can be tried out in plain Python, with time as a number.

`due()` is when the owner has to call `wake`: one timer serves delays, time limits and heartbeat.
Each attempt has a number, `generation`; what an older one still does is of no interest.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

from ..codes import ABNORMAL_CLOSURE, GOING_AWAY, UNAUTHORIZED, worth_retry
from ..errors import GiveUp
from . import backoff, numbers
from .heartbeat import DEAD, PING, Heartbeat
from .options import Options
from .outbox import Outbox
from .state_table import StateTable

IDLE = "IDLE"  # nobody has asked for a connection yet
CONNECTING = "CONNECTING"
OPEN = "OPEN"
WAITING = "WAITING"  # for the time of the next attempt
OFFLINE = "OFFLINE"  # for the network
SUSPENDED = "SUSPENDED"  # the page is in the back-forward cache
CLOSING = "CLOSING"
CLOSED = "CLOSED"  # by close(), or it gave up: only reconnect() leads out

CONNECT = "connect"  # somebody asks for a connection, now
OPENED = "opened"  # the socket is open
LOST = "lost"  # the socket ended, and another one is worth a try
FINAL = "final"  # the socket ended, and no other one is wanted
TIME_IS_UP = "time is up"
NETWORK_GONE = "network gone"
NETWORK_BACK = "network back"
PAGE_GONE = "page gone"
PAGE_BACK = "page back"
CLOSE_ASKED = "close asked"
ENDED = "ended"  # the socket that was being closed

# The page's policy does not change while it lives, but a function may give another URL.
MAX_FORBIDDEN = 3  # attempts

TABLE = StateTable(
    "a reconnection",
    {
        (IDLE, CONNECT): CONNECTING,
        (IDLE, CLOSE_ASKED): CLOSED,
        (CONNECTING, OPENED): OPEN,
        (CONNECTING, LOST): WAITING,
        (CONNECTING, FINAL): CLOSED,
        (CONNECTING, CONNECT): CONNECTING,
        (CONNECTING, PAGE_GONE): SUSPENDED,
        (CONNECTING, CLOSE_ASKED): CLOSED,
        (OPEN, LOST): WAITING,
        (OPEN, FINAL): CLOSED,
        (OPEN, CONNECT): CONNECTING,
        (OPEN, PAGE_GONE): SUSPENDED,
        (OPEN, CLOSE_ASKED): CLOSING,
        (WAITING, TIME_IS_UP): CONNECTING,
        (WAITING, CONNECT): CONNECTING,
        (WAITING, NETWORK_GONE): OFFLINE,
        (WAITING, PAGE_GONE): SUSPENDED,
        (WAITING, CLOSE_ASKED): CLOSED,
        (OFFLINE, NETWORK_BACK): WAITING,
        (OFFLINE, TIME_IS_UP): CONNECTING,
        (OFFLINE, CONNECT): CONNECTING,
        (OFFLINE, PAGE_GONE): SUSPENDED,
        (OFFLINE, CLOSE_ASKED): CLOSED,
        (SUSPENDED, PAGE_BACK): WAITING,
        (SUSPENDED, CONNECT): CONNECTING,
        (SUSPENDED, CLOSE_ASKED): CLOSED,
        (CLOSING, ENDED): CLOSED,
        (CLOSING, CONNECT): CONNECTING,
        (CLOSED, CONNECT): CONNECTING,
    },
)


class Reconnection:
    """`actions` are tuples, to be taken from the front:

    ("connect", generation)         make a socket and open it
    ("close", code, reason)         begin the closing handshake of the socket
    ("drop",)                       abort the socket, whatever it does
    ("flush",)                      send what is queued
    ("ping",)                       send the heartbeat's message
    ("undelivered", queued)         emit what `outbox.lost()` gives, and these: what a socket that is dropped still
                                    has may show that more has arrived
    ("emit", name, fields)          an event: something has happened
    ("emit if current", name, fields, serial)   an event for what is about to happen, unless `serial` has changed
                                    meanwhile
    """

    def __init__(self, options: Options, random: "Callable[[], float]", refreshable: bool) -> None:
        self.options = options
        self.state = IDLE
        self.generation = 0
        self.retries = 0  # since somebody asked for a connection, or since one lived long enough
        self.serial = 0  # moves so far
        self.actions: "list[tuple[Any, ...]]" = []
        self.heartbeat = Heartbeat()
        self.outbox = Outbox(options.max_queue_messages, options.max_queue_bytes)
        self.online = True
        self._random = random
        self._refreshable = refreshable  # the URL is asked for at each attempt
        self._delays: "Iterator[float] | None" = None
        self._until: "float | None" = None  # the limit of the present state
        self._attempted_at = 0.0
        self._opened_at = 0.0
        self._was_open = False
        self._unauthorized = False  # the last end was a 4401
        self._forbidden = 0  # attempts in a row at a URL that the page's policy forbids
        self._asked: "int | None" = None  # the code of close()

    # --- what the owner asks ---

    def due(self) -> "float | None":
        """When `wake` is to be called, None if never."""
        times = [time for time in (self._until, self.heartbeat.due()) if time is not None]
        soonest = min(times) if times else numbers.INFINITY
        return None if soonest == numbers.INFINITY else soonest

    def can(self, trigger: str) -> bool:
        return TABLE.can(self.state, trigger)

    # --- what happens ---

    def connect(self, now: float) -> None:
        """Somebody wants a connection now, whatever there is."""
        before = self.state
        self._move(CONNECT)
        self.heartbeat.stop()
        if before in (CONNECTING, OPEN, CLOSING):
            self.actions.append(("drop",))
        if before in (OPEN, CLOSING):
            self._emit("close", code=1000, reason="", wasClean=False)
            self._emit_undelivered()
        self._start_anew()
        self._attempt(now)

    def close(self, now: float, code: int, reason: str) -> None:
        """The end, unless there is no connection to end."""
        if not self.can(CLOSE_ASKED):
            return
        before = self.state
        self._move(CLOSE_ASKED)
        self._asked = code
        self.heartbeat.stop()
        if self.state == CLOSING:
            self._until = now + self.options.close_timeout
            self.actions.append(("close", code, reason))
            return
        self._until = None
        if before == CONNECTING:
            self.actions.append(("drop",))
        self._emit("close", code=code, reason=reason, wasClean=True)
        self._emit_undelivered(queued=self.outbox.clear())

    def opened(self, now: float) -> None:
        self._move(OPENED)
        self._until = None
        self._opened_at = now
        self.heartbeat.start(now)
        again, self._was_open = self._was_open, True
        self.actions.append(("flush",))
        self._emit_if_current("open")
        if again:
            self._emit_if_current("reconnected", attempt=self.retries)

    def ended(
        self,
        now: float,
        code: int,
        reason: str,
        was_clean: bool,
        wanted: "bool | None" = None,
        error: "Any" = None,
        forbidden: bool = False,
    ) -> None:
        """The socket has ended, or the attempt failed (`error`). `wanted` overrules the close code. `forbidden`: the
        page's policy does not allow the URL, as `reason` says.
        """
        self.heartbeat.stop()
        self._until = None
        before = self.state
        if before == CLOSING:
            self._move(ENDED)
            self._emit("close", code=code, reason=reason, wasClean=was_clean)
            if was_clean and code == self._asked:
                self.outbox.lost()  # the server has answered our close frame, so it got all that was sent before
            self._emit_undelivered(queued=self.outbox.clear())
            return
        if before == OPEN and now - self._opened_at >= self.options.min_uptime:
            self._start_anew()
        self._forbidden = self._forbidden + 1 if forbidden else 0
        why_not = self._why_not(code, wanted, error)
        if wanted is None and why_not is None and self._forbidden >= MAX_FORBIDDEN:
            why_not = reason
        self._unauthorized = code == UNAUTHORIZED
        self._move(LOST if why_not is None else FINAL)
        if error is not None:
            self._emit("error", error=error)
        else:
            self._emit("close", code=code, reason=reason, wasClean=was_clean)
        if before == OPEN:
            self._emit_undelivered()
        if why_not is None:
            self._wait(now)
        elif why_not:
            self._emit("giveup", code=code, reason=why_not)

    def wake(self, now: float) -> None:
        """A time that `due` named has come."""
        if self._until is not None and now >= self._until:
            if self.state in (WAITING, OFFLINE):
                self._move(TIME_IS_UP)
                self.retries += 1
                self._attempt(now)
            else:  # the socket took too long to open or to close
                self.actions.append(("drop",))
                self.ended(now, ABNORMAL_CLOSURE, "", False)
                return
        what = self.heartbeat.wake(now)
        if what == PING:
            self.actions.append(("ping",))
        elif what == DEAD:
            self.actions.append(("drop",))
            self.ended(now, ABNORMAL_CLOSURE, "the heartbeat was not answered", False)

    # --- the page's life: hints, which may come in any state ---

    def network(self, now: float, online: bool) -> None:
        if online != self.online:
            self.online = online
            self._emit("online" if online else "offline")
        if not online and self.can(NETWORK_GONE):
            self._go_offline(now)
        elif online and self.can(NETWORK_BACK):
            self._move(NETWORK_BACK)
            self._until = self._soonest(now)
        else:
            self.doubt(now)

    def doubt(self, now: float) -> None:
        """Something has happened after which connections are often dead, or networks back."""
        if self.state == WAITING and self._until is not None:
            self._until = min(self._until, self._soonest(now))
        self.heartbeat.probe(now)

    def page_gone(self) -> None:
        if not self.can(PAGE_GONE):
            return
        before = self.state
        self._move(PAGE_GONE)
        self._until = None
        self.heartbeat.stop()
        if before in (CONNECTING, OPEN):
            self.actions.append(("drop",))
        if before == OPEN:
            self._emit("close", code=GOING_AWAY, reason="the page went into the background", wasClean=False)
            self._emit_undelivered()

    def page_back(self, now: float) -> None:
        if self.can(PAGE_BACK):
            self._move(PAGE_BACK)
            self._until = self._soonest(now)

    # --- parts ---

    def _move(self, trigger: str) -> None:
        before, after = self.state, TABLE.move(self.state, trigger)
        self.state = after
        self.serial += 1
        if before != after:
            self._emit("statechange", state=after, previous=before)

    def _emit(self, name: str, **fields: "Any") -> None:
        self.actions.append(("emit", name, fields))

    def _emit_if_current(self, name: str, **fields: "Any") -> None:
        self.actions.append(("emit if current", name, fields, self.serial))

    def _emit_undelivered(self, queued: "Sequence[str | bytes]" = ()) -> None:
        self.actions.append(("undelivered", list(queued)))

    def _start_anew(self) -> None:
        self.retries = 0
        self._delays = None
        self._unauthorized = False
        self._forbidden = 0

    def _attempt(self, now: float) -> None:
        self.generation += 1
        self._attempted_at = now
        self._until = now + self.options.connect_timeout
        self._emit_if_current("connecting", attempt=self.retries)
        self.actions.append(("connect", self.generation))

    def _why_not(self, code: int, wanted: "bool | None", error: "Any") -> "str | None":
        """Why no other attempt is made: "" if that needs no words, None if one is made."""
        if not self.options.auto_reconnect:
            return ""
        if isinstance(error, GiveUp):
            return str(error) or "GiveUp was raised"
        asked = wanted is not None
        if wanted is None:
            wanted = worth_retry(code)
            if code == UNAUTHORIZED:
                wanted = self._refreshable and not self._unauthorized
        if wanted is False and asked:
            return "should_reconnect returned False"
        if not wanted:
            return f"the server closed with {code}: another attempt would get the same answer"
        if 0 <= self.options.max_retries <= self.retries:
            return f"{self.options.max_retries} retries failed"
        return None

    def _wait(self, now: float) -> None:
        if self._delays is None:
            self._delays = self._new_delays()
        delay = next(self._delays)
        self._until = now + delay
        if self.online:
            self._emit_if_current("reconnecting", attempt=self.retries + 1, delay=delay)
        else:
            self._go_offline(now)

    def restart_delays(self) -> None:
        """The options of the delays have changed."""
        self._delays = None

    def _new_delays(self) -> "Iterator[float]":
        o = self.options
        random = self._random if o.jitter else lambda: 1.0
        return backoff.delays(random, o.reconnect_interval, o.max_reconnect_interval, o.reconnect_decay)

    def _go_offline(self, now: float) -> None:
        """Browsers may be wrong about the network, so there still is an attempt now and then."""
        self._move(NETWORK_GONE)
        self._until = now + self.options.max_reconnect_interval

    def _soonest(self, now: float) -> float:
        """The earliest time for an attempt that nobody asked for."""
        return max(now, self._attempted_at + self.options.reconnect_interval)
