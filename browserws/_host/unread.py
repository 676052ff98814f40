"""`Unread`: a large message whose bytes are JavaScript's alone, until somebody asks for them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .callbacks import Callbacks
    from .interface import Ffi, JsBuffer

LARGE = 16 * 1024  # bytes: from this size on, a copy that nobody needs costs more than this object


class Unread:
    """`len()` of it is how many bytes they are."""

    def __init__(self, ffi: "Ffi", data: "JsBuffer", size: int, callbacks: "Callbacks") -> None:
        self._ffi = ffi
        self._data = data
        self._size = size
        self._binary = callbacks.binary

    def __len__(self) -> int:
        return self._size

    def read(self) -> "bytes | memoryview":
        """All of them; `MemoryError`."""
        self._check()
        copied: "bytes | memoryview" = self._ffi.message(self._data, self._binary)
        return copied

    def read_into(self, view: memoryview) -> None:
        """Write them to `view`, which is as long."""
        self._check()
        self._ffi.read_into(self._data, view)

    def _check(self) -> None:
        if self._data.byteLength != self._size:
            raise ValueError("the bytes of this message are gone: a script of the page has transferred its ArrayBuffer")


def read(ffi: "Ffi", callbacks: "Callbacks", data: "Any") -> "str | bytes | memoryview | Unread":
    """What the data of an event is, as `callbacks` ask for it."""
    if callbacks.reads_later and not isinstance(data, str):
        size = data.byteLength
        if size >= LARGE:
            return Unread(ffi, data, size, callbacks)
    message: "str | bytes | memoryview" = ffi.message(data, callbacks.binary)
    return message
