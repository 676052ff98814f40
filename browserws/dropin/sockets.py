"""`BlockingSocket`: a wire for libraries that block; and what they use beside it, of `socket` and `selectors`."""

from __future__ import annotations

import asyncio
import itertools
import socket
from selectors import EVENT_READ, EVENT_WRITE, SelectorKey
from typing import Any, NoReturn
from weakref import WeakValueDictionary

from .errors import NotInPages
from .extra import EndOfWire
from .handshake import is_address
from .refusals import refuse_other_name, refuse_own_tls, refuse_source
from .settings import current
from .waiting import Bell, check_blocking, wait
from .wire import Wire

__all__ = ["EVENT_READ", "EVENT_WRITE", "BlockingSocket", "DefaultSelector"]

_makefile: Any = socket.socket.makefile  # before it is patched
_numbers = itertools.count(1 << 20)  # of sockets; far from those of files
_sockets: WeakValueDictionary[int, Readable] = WeakValueDictionary()  # by their numbers


class Readable:
    """The end where bytes arrive."""

    def __init__(self) -> None:
        self.bell = Bell()  # something has changed
        self._timeout: float | None = None
        self._arrived = bytearray()
        self._has_ended = False
        self._error: Exception | None = None
        self._closed = False  # libraries look at this one
        self._number = next(_numbers)
        _sockets[self._number] = self

    def recv(self, size: int) -> bytes:
        """At least one byte, b"" at the end; `TimeoutError` if none comes in time."""
        if not wait(self.is_readable, [self.bell], self._timeout):
            if self._timeout == 0:
                raise BlockingIOError("nothing has arrived")
            raise TimeoutError("timed out")
        if not self._arrived and self._error is not None:
            raise self._error
        data = bytes(self._arrived[:size])
        del self._arrived[:size]
        return data

    def recv_into(self, buffer: Any, size: int = 0) -> int:
        view = memoryview(buffer).cast("B")
        data = self.recv(size or len(view))
        view[: len(data)] = data
        return len(data)

    def arrive(self, data: bytes) -> None:
        self._arrived += data
        self.bell.ring()

    def is_readable(self) -> bool:
        """Whether there is something to receive, or the end."""
        return bool(self._arrived) or self._has_ended

    def is_writable(self) -> bool:
        return True

    def pending(self) -> int:
        """Bytes that are there already, as an `SSLSocket` says."""
        return len(self._arrived)

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0

    def fileno(self) -> int:
        """A number that no file has, -1 once it is closed."""
        return -1 if self._closed else self._number

    def close(self) -> None:
        self._closed = self._has_ended = True
        self.bell.ring()


class BlockingSocket(Readable, EndOfWire, asyncio.Protocol):
    """What libraries use of a connected `socket.socket`."""

    def __init__(self, host: str, port: int, secure: bool = False) -> None:
        check_blocking()
        Readable.__init__(self)
        EndOfWire.__init__(self, host, port)
        self._may_write = True
        self._io_refs = 0  # files of it, as the standard library counts them
        self._wire = Wire(self, host, port, secure, current())

    def start_tls(self, server_hostname: str) -> None:
        """From now on the browser encrypts."""
        refuse_other_name(self._wire.host, server_hostname)
        self._wire.secure = True

    @property
    def type(self) -> NoReturn:
        """Only `SSLContext.wrap_socket()` asks for it, and there is none in a page."""
        refuse_own_tls(self)
        raise AssertionError

    # --- what the wire says ---

    data_received = Readable.arrive

    def pause_writing(self) -> None:
        self._may_write = False

    def resume_writing(self) -> None:
        self._may_write = True
        self.bell.ring()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended, self._error = True, exc
        self.bell.ring()

    # --- what a library asks for ---

    def send(self, data: bytes) -> int:
        """Blocks while the browser's send buffer is full. Raises `NotInPages` for what a page cannot do."""
        if self._closed or self._has_ended:
            raise BrokenPipeError("the connection has ended")
        self._wire.write(data)
        if self._timeout != 0:
            wait(self.is_writable, [self.bell])
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.send(data)

    def is_writable(self) -> bool:
        return self._may_write or self._has_ended

    def makefile(self, mode: str = "r", *arguments: Any, **keywords: Any) -> Any:
        """As `socket.makefile`, which `http.client` reads answers from."""
        return _makefile(self, mode, *arguments, **keywords)

    def _decref_socketios(self) -> None:
        """A file of it is closed."""
        self._io_refs -= 1
        if self._closed:
            self.close()

    def shutdown(self, how: int) -> None:
        self._wire.close()

    def close(self) -> None:
        self._closed = True
        if not self._io_refs:  # else it is closed when they are
            super().close()
            self._wire.close()


class UnconnectedSocket(BlockingSocket):
    """What libraries use of `socket.socket`, from its making on."""

    def __init__(self, family: int = -1, *arguments: object, fileno: object = None, **keywords: object) -> None:
        if family not in (-1, socket.AF_INET, socket.AF_INET6) or fileno is not None:
            raise NotInPages("a page has no sockets of its own, and no Unix sockets")
        Readable.__init__(self)
        EndOfWire.__init__(self, "", 0)
        self._has_ended, self._error = True, OSError("the socket is not connected")
        self._is_connected = False
        self._secure_name: str | None = None  # of TLS that is to begin when it is connected

    def start_tls(self, server_hostname: str) -> None:
        if not self._is_connected:
            self._secure_name = server_hostname
            return
        if server_hostname and is_address(self._wire.host):  # which the name was resolved to
            self._wire.host = server_hostname
        super().start_tls(server_hostname)

    def connect(self, address: tuple[Any, ...]) -> None:
        timeout, self._is_connected = self.gettimeout(), True
        BlockingSocket.__init__(self, *address[:2])
        self.settimeout(timeout)
        if self._secure_name is not None:
            self.start_tls(self._secure_name)

    def close(self) -> None:
        if self._is_connected:
            super().close()
        else:
            Readable.close(self)

    def bind(self, *arguments: object) -> NoReturn:
        raise NotInPages("a page can be no server")

    listen = accept = bind


def socket_of(number: int) -> Readable:
    """Raises `ValueError` where a socket was closed, and for numbers of other files."""
    socket = _sockets.get(number)
    if socket is None:
        raise ValueError(f"no socket of a page has the number {number}")
    return socket


def create_connection(
    address: tuple[str, int], timeout: object = None, source_address: object = None, *, all_errors: bool = False
) -> BlockingSocket:
    """As `socket.create_connection`; raises `NotInPages` for what a page cannot do."""
    refuse_source("source_address", source_address)
    made = BlockingSocket(*address)
    made.settimeout(timeout if isinstance(timeout, (int, float)) else None)  # else it says: as by default
    return made


class PairEnd(Readable):
    """One of two ends, each of which gets what is written to the other."""

    other: PairEnd

    def send(self, data: bytes) -> int:
        if self._closed:
            raise OSError("it is closed")
        self.other.arrive(data)
        return len(data)


def socketpair() -> tuple[PairEnd, PairEnd]:
    one, other = PairEnd(), PairEnd()
    one.other, other.other = other, one
    return one, other


class Network:
    """Stands where a library has the module `socket`."""

    AF_UNIX = -1  # which a page's own module has not
    create_connection = staticmethod(create_connection)
    socketpair = staticmethod(socketpair)

    @staticmethod
    def socket(*arguments: object) -> NoReturn:
        raise NotInPages("a page has no sockets of its own, and no Unix sockets")

    def __getattr__(self, name: str) -> object:
        return getattr(socket, name)  # its constants and exceptions


class DefaultSelector:
    """What libraries use of a `selectors.DefaultSelector`."""

    def __init__(self) -> None:
        self._keys: list[tuple[Readable, SelectorKey]] = []

    def register(self, socket: Readable, events: int, data: object = None) -> SelectorKey:
        if socket.fileno() < 0:
            raise ValueError(f"Invalid file descriptor: {socket.fileno()}")
        key = SelectorKey(socket, socket.fileno(), events, data)
        self._keys.append((socket, key))
        return key

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        wait(lambda: bool(self._ready()), [socket.bell for socket, _ in self._keys], timeout)
        return self._ready()

    def _ready(self) -> list[tuple[SelectorKey, int]]:
        ready = [(key, _events(socket) & key.events) for socket, key in self._keys]
        return [(key, events) for key, events in ready if events]

    def close(self) -> None:
        self._keys.clear()


def _events(socket: Readable) -> int:
    return EVENT_READ * socket.is_readable() | EVENT_WRITE * socket.is_writable()
