"""`Runner`: carries out what a state machine of `_pure/` wants, and wakes it when its time has come."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from .._host.interface import Cancellable, Host

    class Machine(Protocol):
        """`actions` are tuples, to be carried out from the front: what to do, and with which arguments."""

        actions: "list[tuple[Any, ...]]"

        def due(self) -> "float | None":
            """When `wake` is to be called (ms), None if never. It may be called earlier."""

        def wake(self, now: float) -> None: ...


from .._host.report import report


class Runner:
    """`functions` carry out the actions, by the first item of the tuple; `after` is called when all are done."""

    def __init__(
        self, host: "Host", machine: "Machine", functions: "dict[str, Callable[..., None]]", after: "Callable[[], None]"
    ) -> None:
        self._host = host
        self._machine = machine
        self._functions = functions
        self._after = after
        self._timer: "Cancellable | None" = None
        self._timer_at = 0.0
        self.is_running = False  # handlers are running: what they ask for is done after them
        self._is_asked = False  # they have asked for something

    def run(self, is_event: bool = False) -> None:
        """Carry out all actions. `is_event`: there is only an event, and nothing else has changed."""
        if self.is_running:
            self._is_asked = True
            return
        self.is_running = True
        self._is_asked = False
        try:
            while self._machine.actions:
                action = self._machine.actions.pop(0)
                try:
                    self._functions[action[0]](*action[1:])
                except Exception as error:  # of a codec, for example: what follows is carried out all the same
                    report(error)
        finally:
            self.is_running = False
        if self._is_asked or not is_event:
            self._after()
            self.set_timer()

    def set_timer(self) -> None:
        """A timer that comes too early is left as it is: to make another at each message would cost more."""
        due = self._machine.due()
        if self._timer is not None and (due is None or due < self._timer_at):
            self._timer.cancel()
            self._timer = None
        if due is not None and self._timer is None:
            self._timer_at = due
            self._timer = self._host.call_later(max(0, due - self._host.clock()) / 1000, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._machine.wake(self._host.clock())
        self.run()
