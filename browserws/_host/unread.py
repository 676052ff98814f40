"""`Unread`: a large message whose bytes are JavaScript's alone, until somebody asks for them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .callbacks import Binary
    from .interface import Ffi, JsBuffer

LARGE = 16 * 1024  # bytes: from this size on, a copy that nobody needs costs more than this object


class Unread:
    """`len()` of it is how many bytes they are. `ValueError` when they are gone: a page's script can take them."""

    def __init__(self, ffi: "Ffi", data: "JsBuffer", size: int, binary: "Binary") -> None:
        self._ffi = ffi
        self._data = data
        self._size = size
        self._binary = binary

    def __len__(self) -> int:
        return self._size

    def read(self) -> "bytes | memoryview":
        """All of them; `MemoryError`."""
        self._check()
        return self._ffi.read(self._data, self._size, self._binary)

    def read_into(self, view: memoryview) -> None:
        """Write them to `view`, which is as long."""
        self._check()
        self._ffi.read_into(self._data, view)

    def _check(self) -> None:
        if self._data.byteLength != self._size:
            raise ValueError("the bytes of this message are gone: a script of the page has transferred its ArrayBuffer")
