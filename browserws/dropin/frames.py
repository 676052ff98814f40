"""WebSocket frames (RFC 6455 §5): those of a client are read, those of a server are written.

Why not by a library: for a small message, wsproto takes 15 to 30 times as long and the protocol of `websockets` 5 to 10
times, which in a page is a good part of the time that the message takes to its server and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, MASKED, LENGTH = 0x80, 0x80, 0x7F
OPCODE, RESERVED = 0x0F, 0x70
NO_MASK = bytes(4)
SHORT = 126  # bytes: below it, the length is in the second byte of a frame
LARGE = 64 * 1024  # bytes
MAX_UTF8 = 4  # bytes of a character

OnMessage = Callable[["str | bytes"], None]
OnControl = Callable[[int, bytes], None]


class FrameError(Exception):
    """What came are no frames of a client. `code` is the close code that says so."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class FrameReader:
    """Calls `on_message` with each message, joined, and `on_control` with opcode and payload of each control frame."""

    def __init__(self, on_message: OnMessage, on_control: OnControl) -> None:
        self._on_message = on_message
        self._on_control = on_control
        self._chunks: list[bytes] = []
        self._have = 0  # bytes in them
        self._need = 2  # ... that make it worth to look again
        self._opcode = CONTINUATION  # of the message of which there are fragments
        self._fragments: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Raises `FrameError`."""
        if self._have:
            self._chunks.append(data)
            self._have += len(data)
            if self._have < self._need:
                return
            data = b"".join(self._chunks)
            self._chunks.clear()
        at = self._read(data)
        self._have = len(data) - at
        if self._have:
            self._chunks.append(data[at:] if at else data)

    def _read(self, data: bytes) -> int:
        """Read the frames that are there; where the first that is not whole begins."""
        at, end = 0, len(data)
        while end - at >= 2:
            first, second = data[at], data[at + 1]
            if not second & MASKED:
                raise FrameError(1002, "a frame of a client has to be masked")
            size, start = second & LENGTH, at + 2
            if size >= 126:
                start += 2 if size == 126 else 8
                if start > end:
                    break
                size = int.from_bytes(data[at + 2 : start], "big")
            stop = start + 4 + size
            if stop > end:
                self._need = stop - at
                return at
            payload = unmasked(data, start + 4, stop, data[start : start + 4])
            at = stop
            if first == FIN | TEXT and not self._fragments:
                self._on_message(text(payload))
            elif first == FIN | BINARY and not self._fragments:
                self._on_message(payload)
            else:
                self._take(first, payload)
        self._need = 14 if end - at >= 2 else 2
        return at

    def _take(self, first: int, payload: bytes) -> None:
        """A fragment or a control frame."""
        opcode, final = first & OPCODE, first & FIN
        if first & RESERVED or opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise FrameError(1002, f"a frame begins with {first:#x}: no extension was agreed on")
        if opcode >= CLOSE:
            self._on_control(opcode, payload)
            return
        if (opcode == CONTINUATION) != bool(self._fragments):
            raise FrameError(1002, "a fragment of a message is missing")
        if opcode != CONTINUATION:
            self._opcode = opcode
        self._fragments.append(payload)
        if final:
            whole = b"".join(self._fragments)
            self._fragments.clear()
            self._on_message(text(whole) if self._opcode == TEXT else whole)


def text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FrameError(1007, f"a text is not UTF-8: {error}") from None


def unmasked(data: bytes, start: int, stop: int, mask: bytes) -> bytes:
    """A part of `data` without its mask: as one large number, which is far quicker than byte by byte."""
    size = stop - start
    if not size or mask == NO_MASK:
        return data[start:stop]
    number = int.from_bytes(memoryview(data)[start:stop], "little")
    masks = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return (number ^ masks).to_bytes(size, "little")


def header(opcode: int, size: int) -> bytes:
    """The beginning of a server's frame with a payload of so many bytes."""
    if size < SHORT:
        return bytes((FIN | opcode, size))
    if size < 1 << 16:
        return bytes((FIN | opcode, 126)) + size.to_bytes(2, "big")
    return bytes((FIN | opcode, 127)) + size.to_bytes(8, "big")


def client_frame(opcode: int, payload: bytes) -> bytes:
    """A frame of a client, with a mask that changes nothing."""
    first = bytearray(header(opcode, len(payload)))
    first[1] |= MASKED
    return b"".join((first, NO_MASK, payload))


SHORT_TEXT = [header(TEXT, size) for size in range(SHORT)]  # in a flood, to look one up is quicker


def frame(opcode: int, payload: bytes) -> bytes:
    return header(opcode, len(payload)) + payload


def frames(messages: Iterable[str | bytes]) -> Iterator[bytes]:
    """A server's frames with these messages; those of large ones in two pieces, so that they are not copied."""
    for message in messages:
        opcode = BINARY
        if isinstance(message, str):
            message, opcode = message.encode(), TEXT
        size = len(message)
        if size < SHORT:
            yield (SHORT_TEXT[size] if opcode == TEXT else header(opcode, size)) + message
        elif size < LARGE:
            yield header(opcode, size) + message
        else:
            yield header(opcode, size)
            yield message


def close_payload(code: int | None, reason: str) -> bytes:
    return b"" if code is None else code.to_bytes(2, "big") + reason.encode()


def read_close(payload: bytes) -> tuple[int | None, str]:
    """Code and reason of a close frame; None where it has no code."""
    if not payload:
        return None, ""
    if len(payload) == 1:
        raise FrameError(1002, "a close frame has one byte")
    return int.from_bytes(payload[:2], "big"), text(payload[2:])
