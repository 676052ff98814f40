"""`Handler`: a function of the program, and which of its parameters is what"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

Function = Callable[..., Any]  # it may be async


class Handler:
    """Parameters that are called as what was injected get that. Of the others the first is what the handler is about
    (a connector, a request), the second is the message; one alone that is called `msg` or `message` is the message.

    `injected` may get more names until the program starts; `check()` then says what is wrong, by a `TypeError`.
    """

    def __init__(self, function: Function, injected: Mapping[str, object]) -> None:
        self._function = function
        self._injected = injected
        parameters = inspect.signature(function).parameters.values()
        self._needed = [each.name for each in parameters if _is_needed(each)]
        self._all = [each.name for each in parameters]

    def __repr__(self) -> str:
        return f"{getattr(self._function, '__name__', 'a handler')}()"

    def check(self) -> None:
        free = self._free()
        if len(free) > 2:
            raise TypeError(f"{self!r} has parameters that nobody gives: {', '.join(free[2:])}; inject them")

    def call(self, subject: object, message: str = "") -> Any:
        """What the function returns: perhaps something to be awaited."""
        injected = self._injected
        free = self._free()
        given: list[object] = [subject, message]
        if free in (["msg"], ["message"]):
            given = [message]
        arguments = dict(zip(free, given, strict=False))
        arguments.update({name: injected[name] for name in self._all if name in injected})
        return self._function(**arguments)

    def _free(self) -> list[str]:
        return [name for name in self._needed if name not in self._injected]


def _is_needed(parameter: inspect.Parameter) -> bool:
    named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    return named and parameter.default is parameter.empty
