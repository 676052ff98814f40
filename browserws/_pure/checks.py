"""What may be sent, offered and said at the close: each check raises before anything happens."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

from ..codes import NORMAL_CLOSURE, may_be_sent
from . import numbers

MAX_REASON_BYTES = 123  # RFC 6455 §5.5: a control frame carries 125 bytes, two of them the code

# RFC 9110 §5.6.2: what is not allowed in a token, beside control characters and all above "~"
_SEPARATORS = '()<>@,;:\\"/[]?={} '


def _encodes_surrogates() -> bool:
    try:
        "\ud800".encode()
    except UnicodeError:
        return False
    return True


_MUST_LOOK = _encodes_surrogates()  # MicroPython does, CPython refuses it


def plain(text: str) -> str:
    """`text` itself, or a `str` for an object of a subclass, which MicroPython would not hand over as a string."""
    return text if type(text) is str else text[:]


def utf8(text: str, what: str) -> bytes:
    """`text` in UTF-8; `ValueError` if it has a lone surrogate, which UTF-8 cannot carry.

    A browser would put U+FFFD in its place and say nothing (WHATWG Infra, "scalar value string").
    """
    try:
        data = text.encode("utf-8")
    except UnicodeError:
        data = None
    if data is None or (_MUST_LOOK and _has_surrogate(data)):
        raise ValueError(f"{what} has a lone surrogate, which cannot be sent as UTF-8")
    return data


def _has_surrogate(data: bytes) -> bool:
    """Whether there is U+D800-U+DFFF: as bytes ED A0-BF xx. (ED 80-9F xx are Korean letters.)"""
    at = data.find(b"\xed")
    while at >= 0 and data[at + 1] < 0xA0:
        at = data.find(b"\xed", at + 1)
    return at >= 0


def message(data: object) -> "str | memoryview":
    """`data` as it can be sent: a `str`, or a memoryview of anything with the buffer protocol."""
    if isinstance(data, str):
        data = plain(data)
        utf8(data, "the message")
        return data
    try:
        return memoryview(data)  # type: ignore[arg-type]  # or TypeError
    except TypeError:
        pass
    raise TypeError(
        f"a message is a str or a bytes-like object, not {type(data).__name__}: use json.dumps() for other values"
    )


def size(message: "str | bytes") -> int:
    """Bytes of a message on the wire, before compression."""
    return len(message.encode() if isinstance(message, str) else message)


def close_arguments(code: object, reason: object) -> "tuple[int, str]":
    """Code and reason as they can be sent, None for those that are not given; refuses what `close()` of the browser
    refuses (WHATWG WebSockets §3.1, `close()`).
    """
    code = NORMAL_CLOSURE if code is None else code
    reason = "" if reason is None else reason
    code = numbers.integer("the close code", code, None)
    if not isinstance(reason, str):
        raise TypeError(f"the close reason must be a str, not {type(reason).__name__}")
    reason = plain(reason)
    if not may_be_sent(code):
        raise ValueError(f"a page cannot close with {code}: use 1000 or 3000 to 4999")
    size = len(utf8(reason, "the close reason"))
    if size > MAX_REASON_BYTES:
        raise ValueError(f"the close reason has {size} bytes in UTF-8: at most {MAX_REASON_BYTES} fit")
    return code, reason


def subprotocols(protocols: "str | Sequence[str] | None") -> "list[str]":
    """The offered subprotocols as a list; refuses those that are no token or come twice.

    RFC 6455 §4.1: unique, non-empty, printable ASCII without separators.
    """
    if protocols is None:
        return []
    offered = [protocols] if isinstance(protocols, str) else protocols
    if not isinstance(offered, (list, tuple)):
        raise TypeError(f"protocols must be a str or a list of str, not {type(protocols).__name__}")
    seen: "list[str]" = []
    for name in offered:
        if not isinstance(name, str):
            raise TypeError(f"a subprotocol must be a str, not {type(name).__name__}")
        name = plain(name)
        if not _is_token(name):
            raise ValueError(
                f"{name!r} is not a subprotocol: use printable ASCII without spaces and without any of "
                f"{_SEPARATORS.strip()}"
            )
        if name in seen:
            raise ValueError(f"the subprotocol {name!r} is offered twice")
        seen.append(name)
    return seen


def _is_token(name: str) -> bool:
    return bool(name) and all("!" <= c <= "~" and c not in _SEPARATORS for c in name)
