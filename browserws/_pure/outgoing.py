"""What `ClientConnection.send` takes beside a message as it is: fragments, and text as bytes."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    B = TypeVar("B", bytes, memoryview)

from .checks import message as checked


async def whole(message: "Any") -> "str | memoryview | None":
    """A message as it can be sent; fragments are joined, None if there is not a single one."""
    if isinstance(message, (str, bytes, bytearray, memoryview)):
        return checked(message)
    if hasattr(message, "keys"):
        raise TypeError("data is a dict-like object: use json.dumps(), or send its keys()")
    fragments = []
    if hasattr(message, "__aiter__"):
        async for fragment in message:
            fragments.append(fragment)
    else:
        try:
            memoryview(message)
        except TypeError:
            pass
        else:
            return checked(message)
        try:
            fragments = list(message)
        except TypeError:
            return checked(message)  # raises: neither a message nor fragments of one
    return _joined(fragments)


def _joined(fragments: "list[Any]") -> "str | memoryview | None":
    if not fragments:
        return None
    if all(isinstance(fragment, str) for fragment in fragments):
        return checked("".join(fragments))
    if any(isinstance(fragment, str) for fragment in fragments):
        raise TypeError("fragments of one message must be all str or all bytes-like")
    return memoryview(b"".join([bytes(checked(fragment)) for fragment in fragments]))  # type: ignore[arg-type]  # views


def recode(message: "str | B", text: bool) -> "str | B | bytes":
    """The message as text (`str`) or as binary, whichever it was; `ValueError` if it is no UTF-8."""
    if isinstance(message, str):
        return message if text else message.encode()
    if not text:
        return message
    try:
        return str(bytes(message), "utf-8")
    except UnicodeError:
        pass
    raise ValueError("the message is not valid UTF-8: it can only be binary")
