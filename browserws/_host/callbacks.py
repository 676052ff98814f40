"""`Callbacks`: what a link calls."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Union

    Binary = Union[type[bytes], type[memoryview]]  # what the bytes of a message come as
    Received = Iterable[Any]  # messages: str for text, and for bytes what `binary` and `reads_later` say


class Callbacks:
    """What is called as things happen to a connection, and as what bytes come (`bytes` or `memoryview`).

    on_open(source)
    on_messages(messages, count, sources)       `messages` can be iterated once, and stays in JavaScript's memory
                                                until then; `sources` are its events
    on_message(message, source)                 one message that came alone, already read. If it is None, `on_messages`
                                                is called instead. It may be replaced at any time
    on_failure(source)                          on_end follows
    on_end(code, reason, was_clean, source)     the last

    `source` is the event of JavaScript, None where there is none.

    While `reads_later` is True, a message of many bytes may come as an `Unread`.
    """

    def __init__(
        self,
        binary: "Binary",
        on_open: "Callable[[Any], None]",
        on_messages: "Callable[[Received, int, Any], None]",
        on_failure: "Callable[[Any], None]",
        on_end: "Callable[[int, str, bool, Any], None]",
        on_message: "Callable[[Any, Any], None] | None" = None,
        reads_later: bool = False,
    ) -> None:
        self.binary = binary
        self.on_open = on_open
        self.on_messages = on_messages
        self.on_failure = on_failure
        self.on_end = on_end
        self.on_message = on_message
        self.reads_later = reads_later
