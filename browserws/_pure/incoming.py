"""What `ClientConnection.recv_into` does with a buffer and a message."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Buffer  # of Python 3.12; type checkers know it in any version

    from .._host.unread import Unread


def writable(buffer: "Buffer") -> memoryview:
    """The bytes of a buffer, to be written to; `TypeError`."""
    try:
        view = memoryview(buffer)
        if hasattr(view, "cast"):  # not that of MicroPython
            view = view.cast("B")
        view[0:0] = b""
        return view
    except (TypeError, ValueError):
        pass
    raise TypeError(
        f"recv_into() takes a bytearray or another contiguous buffer to write to, not {type(buffer).__name__}"
    )


def write(message: "str | bytes | Unread", buffer: "Buffer") -> int:
    """How many bytes the message has, a text in UTF-8; `ValueError`, and nothing is written, if they are too many."""
    data = message.encode() if isinstance(message, str) else message
    size = len(data)
    view = writable(buffer)
    try:
        if size > len(view):
            raise ValueError(f"a message of {size} bytes does not fit into a buffer of {len(view)}: recv() gives it")
        if isinstance(data, bytes):
            view[:size] = data
        else:
            data.read_into(view[:size])
    finally:
        if hasattr(view, "release"):  # else an exception keeps it, and the buffer cannot be made larger
            view.release()
    return size
