"""What has events: handlers by name, as `bind` and as `onX` attributes, and no other public attributes to set."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

from .handlers import Handlers


def on(event: str) -> "Any":
    """The attribute `onX`: the one handler of that name, None if there is none."""

    def get(self: "EventTarget") -> "Callable[..., Any] | None":
        return self._handlers.single(event)

    def set(self: "EventTarget", callback: "Callable[..., Any] | None") -> None:
        self._handlers.set_single(event, callback)

    return property(get, set)


class EventTarget:
    """`EVENTS` are the names of a class's events. A public attribute can be set if the class declares it, so that a
    misspelt name is an error.
    """

    EVENTS: "tuple[str, ...]" = ()

    def __init__(self, handlers: "Mapping[str, Any] | None" = None) -> None:
        """Begin with these; `TypeError` for a name that is not one of an event."""
        names = ["on" + event for event in self.EVENTS]
        self._handlers = Handlers(self.EVENTS)
        for name, handler in (handlers or {}).items():
            if name not in names:
                raise TypeError(f"{type(self).__name__}() has no argument {name!r}: handlers are {', '.join(names)}")
            setattr(self, name, handler)

    if not TYPE_CHECKING:  # type checkers refuse it by themselves, unless they see this

        def __setattr__(self, name, value):
            if name[0] != "_" and not hasattr(type(self), name):
                raise AttributeError(
                    f"{type(self).__name__} has no attribute {name!r} to set; a subclass declares its own in the class"
                )
            object.__setattr__(self, name, value)

    def bind(self, event: "Any", callback: "Any" = None) -> "Any":
        """Add a handler for an event, such as `"open"`, `"message"`, `"error"` or `"close"`; several are
        called in order.

        Returns the callback; without one it is a decorator. A callback that is bound already is still
        called once. An unknown event is a `ValueError`.
        """
        if callback is None:
            self._handlers.check(event, print)
            return lambda function: self.bind(event, function)
        self._handlers.add(event, callback)
        return callback

    def unbind(self, event: "Any", callback: "Callable[..., Any] | None" = None) -> None:
        """Take `callback` away from `event`, or all its handlers, the `onX` one included.

        A callback that is not bound is no error. An async handler that is running finishes, and so do
        the events that came while it was bound.
        """
        self._handlers.remove(event, callback)
